using System.Security.Cryptography;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.IO;
using KernelForge.Manifests;

namespace KernelForge.Formats.Description;

/// <summary>
/// The identity of a model file without reading all of it: SHA-256 over all bytes before the tensor data, then 64 samples of 4,096 bytes, the first at the start of the data,
/// the last at its end, the others evenly between (sample i begins at i * (length - 4096) / 63 of the data, rounded down); all of the data where it is no longer than the samples.
/// Of a model in several files, of each in turn.
/// </summary>
public static class SourceStamp
{
    private const int Samples = 64;
    private const int SampleBytes = 4096;

    /// <summary>Name, length and stamp of an open file, or of the files of a model.</summary>
    public static SourceIdentity Compute(GgufFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in file.Parts)
            Append(hash, part);
        return new SourceIdentity(Path.GetFileName(file.Path), file.Length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static void Append(IncrementalHash hash, GgufPart part)
    {
        var data = Math.Min(part.DataOffset, part.File.Length);
        Append(hash, part.File, 0, data);

        var length = part.File.Length - data;
        if (length <= Samples * SampleBytes)
        {
            Append(hash, part.File, data, length);
            return;
        }

        for (var i = 0; i < Samples; i++)
            hash.AppendData(part.File.Span(data + (long)((Int128)(length - SampleBytes) * i / (Samples - 1)), SampleBytes));
    }

    private static void Append(IncrementalHash hash, MappedFile file, long offset, long length)
    {
        const int Piece = 1 << 20;
        for (var end = offset + length; offset < end; offset += Piece)
            hash.AppendData(file.Span(offset, (int)Math.Min(Piece, end - offset)));
    }
}
