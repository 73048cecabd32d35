using System.Buffers.Binary;

namespace KernelForge.Packed;

/// <summary>Where a packed file lies: alone, or appended to the running executable (docs/packed-format.md, Placement).</summary>
/// <param name="FilePath">The file that holds it.</param>
/// <param name="Offset">Its first byte in that file.</param>
/// <param name="Length">Its bytes; 0: to the end of the file.</param>
internal readonly record struct PackedLocation(string FilePath, long Offset, long Length)
{
    /// <summary>Finds the packed file of a class: where the options say; else in the executable; else beside the assembly.</summary>
    /// <exception cref="PackedFileException">There is none; says where it was looked for.</exception>
    public static PackedLocation Find(string className, ReadOnlySpan<byte> planHash, string? weightsPath)
    {
        if (weightsPath is not null)
        {
            return File.Exists(weightsPath)
                ? new(weightsPath, 0, 0)
                : throw new PackedFileException($"The packed weights '{weightsPath}' do not exist. Check ModelOptions.WeightsPath.", weightsPath);
        }
        if (Environment.ProcessPath is { } executable && FindAppended(executable, planHash) is { } appended)
            return appended;
        var beside = Path.Combine(AppContext.BaseDirectory, className + ".kfw");
        return File.Exists(beside)
            ? new(beside, 0, 0)
            : throw new PackedFileException(
                $"The packed weights of {className} were not found: neither appended to '{Environment.ProcessPath}' nor as '{beside}'. "
                + "Build the project again, copy the .kfw file beside the program, or set ModelOptions.WeightsPath.", beside);
    }

    /// <summary>The packed file of this plan at the end of <paramref name="hostPath"/>, or null. A host may carry several, each behind its own trailer.</summary>
    /// <exception cref="PackedFileException">The host's trailer is damaged.</exception>
    internal static PackedLocation? FindAppended(string hostPath, ReadOnlySpan<byte> planHash)
    {
        using var file = File.OpenHandle(hostPath);
        var end = RandomAccess.GetLength(file);
        Span<byte> window = stackalloc byte[PackedFormat.PageBytes + PackedFormat.TrailerBytes];
        var trailer = end - PackedFormat.TrailerBytes;
        while (trailer > 0)
        {
            var bytes = window[..PackedFormat.TrailerBytes];
            if (RandomAccess.Read(file, bytes, trailer) < PackedFormat.TrailerBytes || !bytes.StartsWith(PackedFormat.TrailerMagic))
                return null;
            var offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
            var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
            if (offset <= 0 || offset % PackedFormat.PageBytes != 0 || length < PackedFormat.PageBytes || length > trailer || offset > trailer - length)
            {
                throw new PackedFileException(
                    $"'{hostPath}' has a damaged trailer at offset {trailer}: packed file at {offset}, {length} bytes. Publish the program again.", hostPath, trailer);
            }
            if (bytes[24..].SequenceEqual(planHash[..8]))
                return new(hostPath, offset, length);

            // Another model's: the one before it ends with its own trailer, then zeros up to the page boundary.
            var before = window[..(int)Math.Min(window.Length, offset)];
            if (RandomAccess.Read(file, before, offset - before.Length) < before.Length)
                return null;
            var last = before.LastIndexOf(PackedFormat.TrailerMagic);
            if (last < 0)
                return null;
            trailer = offset - before.Length + last;
        }
        return null;
    }
}
