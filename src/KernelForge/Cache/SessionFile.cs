using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KernelForge.Packed;

namespace KernelForge.Cache;

/// <summary>
/// A session in a stream: a 64-byte header (magic, version, cache format, tokens, page bytes, plan hash), the token ids, the cache pages, and
/// the XXH3 of all that. Little-endian.
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
        FillHeader(header, session.Model, session.Length, session.Cache.PageBytes);
        Put(stream, hash, header);
        Put(stream, hash, MemoryMarshal.AsBytes(session.Tokens));
        for (var i = 0; i < SequenceCache.PagesFor(session.Length); i++)
            Put(stream, hash, new ReadOnlySpan<byte>(session.Cache.Pages[i], checked((int)session.Cache.PageBytes)));
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(sum, hash.Finish());
        stream.Write(sum);
    }

    public static Session Read(Stream stream, LanguageModel model)
    {
        var session = new Session(model);
        try
        {
            Fill(stream, session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Fill(Stream stream, Session session)
    {
        var hash = new XxHash3();
        Span<byte> header = stackalloc byte[HeaderBytes];
        Get(stream, hash, header, "header");
        if (!header.StartsWith(Magic))
            throw new InvalidDataException("The stream holds no saved session: it does not begin with KFSESSN1.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        if (length < 0 || length > session.Capacity)
            throw new InvalidDataException($"The saved session has {length} tokens, this model is loaded for {session.Capacity}. Load it with a larger ModelOptions.Context.");
        Span<byte> expected = stackalloc byte[HeaderBytes];
        FillHeader(expected, session.Model, length, session.Cache.PageBytes);
        if (!header.SequenceEqual(expected))
            throw new InvalidDataException("The saved session is of another model, another build of it, or another cache format, and cannot be restored here.");

        var tokens = new int[length];
        Get(stream, hash, MemoryMarshal.AsBytes(tokens.AsSpan()), "tokens");
        if (Array.Exists(tokens, token => (uint)token >= (uint)session.Model.Vocabulary))
            throw new InvalidDataException("The saved session is damaged: it holds a token that is not in the vocabulary.");
        session.Cache.Prepare(0, length);
        for (var i = 0; i < SequenceCache.PagesFor(length); i++)
            Get(stream, hash, new Span<byte>(session.Cache.Pages[i], checked((int)session.Cache.PageBytes)), $"cache page {i}");
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        Get(stream, new XxHash3(), sum, "checksum");
        if (BinaryPrimitives.ReadUInt64LittleEndian(sum) != hash.Finish())
            throw new InvalidDataException("The saved session is damaged: its checksum differs.");
        session.Restore(tokens);
    }

    private static void FillHeader(Span<byte> header, LanguageModel model, int length, nint pageBytes)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], (int)model.Cache);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], length);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], pageBytes);
        Convert.FromHexString(model.Description.PlanHash).CopyTo(header[32..]);
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
