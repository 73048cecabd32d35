using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KernelForge.Packed;

namespace KernelForge.Cache;

/// <summary>
/// A session in a stream: a 64-byte header (magic, version, cache format, tokens, tokens read before, page bytes, plan hash), the token ids, the cache pages, the pages
/// kept of what was read, and the XXH3 of all that. Little-endian.
/// </summary>
internal static unsafe class SessionFile
{
    private const int HeaderBytes = 64;
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "KFSESSN1"u8;

    public static void Write(Stream stream, Session session)
    {
        var hash = new XxHash3();
        Span<byte> header = stackalloc byte[HeaderBytes];
        FillHeader(header, session.Model, session.Length, session.KeptRows);
        Put(stream, hash, header);
        Put(stream, hash, MemoryMarshal.AsBytes(session.Tokens));
        Put(stream, hash, session.Cache, session.Length);
        if (session.Kept is { } kept)
            Put(stream, hash, kept, session.KeptRows);
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(sum, hash.Finish());
        stream.Write(sum);
    }

    public static Session Read(Stream stream, LanguageModel model)
    {
        var hash = new XxHash3();
        Span<byte> header = stackalloc byte[HeaderBytes];
        Get(stream, hash, header, "header");
        if (!header.StartsWith(Magic))
            throw new InvalidDataException("The stream holds no saved session: it does not begin with KFSESSN1.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        if (length < 0 || length > model.Context)
            throw new InvalidDataException($"The saved session has {length} tokens, this model is loaded for {model.Context}. Load it with a larger ModelOptions.Context.");
        var read = BinaryPrimitives.ReadInt32LittleEndian(header[20..]);
        if (read < (model.NeedsInput ? 1 : 0) || read > model.LongestInput)
            throw new InvalidDataException($"The saved session has read {read} rows, this model reads at most {model.LongestInput}: it is of another model, or damaged.");
        Span<byte> expected = stackalloc byte[HeaderBytes];
        FillHeader(expected, model, length, read);
        if (!header.SequenceEqual(expected))
            throw new InvalidDataException("The saved session is of another model, another build of it, or another cache format, and cannot be restored here.");

        var session = new Session(model, read);
        try
        {
            Fill(stream, hash, session, length);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Fill(Stream stream, XxHash3 hash, Session session, int length)
    {
        var tokens = new int[length];
        Get(stream, hash, MemoryMarshal.AsBytes(tokens.AsSpan()), "tokens");
        if (Array.Exists(tokens, token => (uint)token >= (uint)session.Model.TokenIds))
            throw new InvalidDataException("The saved session is damaged: it holds a token that is not in the vocabulary.");
        Get(stream, hash, session.Cache, length, "cache");
        if (session.Kept is { } kept)
            Get(stream, hash, kept, session.KeptRows, "kept");
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        Get(stream, new XxHash3(), sum, "checksum");
        if (BinaryPrimitives.ReadUInt64LittleEndian(sum) != hash.Finish())
            throw new InvalidDataException("The saved session is damaged: its checksum differs.");
        session.Restore(tokens);
    }

    private static void FillHeader(Span<byte> header, LanguageModel model, int length, int read)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], (int)model.Cache);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], length);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], read);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], model.Pages.PageBytes);
        Convert.FromHexString(model.Description.PlanHash).CopyTo(header[32..]);
    }

    private static void Put(Stream stream, XxHash3 hash, SequenceCache cache, int rows)
    {
        for (var i = 0; i < SequenceCache.PagesFor(rows); i++)
            Put(stream, hash, new ReadOnlySpan<byte>(cache.Pages[i], checked((int)cache.PageBytes)));
    }

    private static void Get(Stream stream, XxHash3 hash, SequenceCache cache, int rows, string what)
    {
        cache.Prepare(0, rows);
        for (var i = 0; i < SequenceCache.PagesFor(rows); i++)
            Get(stream, hash, new Span<byte>(cache.Pages[i], checked((int)cache.PageBytes)), $"{what} page {i}");
    }

    private static void Put(Stream stream, XxHash3 hash, ReadOnlySpan<byte> bytes)
    {
        hash.Append(bytes);
        stream.Write(bytes);
    }

    private static void Get(Stream stream, XxHash3 hash, Span<byte> bytes, string what)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidDataException($"The saved session ends in the middle of its {what}.");
        hash.Append(bytes);
    }
}
