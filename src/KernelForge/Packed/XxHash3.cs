using System.Buffers.Binary;
using System.ComponentModel;
using System.Numerics;

namespace KernelForge.Packed;

/// <summary>
/// XXH3, 64 bits, seed 0 (Yann Collet; the algorithm's description is public): the checksum of packed files. Fed in pieces.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class XxHash3
{
    private const int StripeBytes = 64;
    private const int StripesPerBlock = (SecretBytes - StripeBytes) / 8;
    private const int SecretBytes = 192;
    private const int BufferBytes = 256;
    private const ulong Prime32A = 0x9E3779B1, Prime32B = 0x85EBCA77, Prime32C = 0xC2B2AE3D;
    private const ulong Prime64A = 0x9E3779B185EBCA87, Prime64B = 0xC2B2AE3D27D4EB4F, Prime64C = 0x165667B19E3779F9;
    private const ulong Prime64D = 0x85EBCA77C2B2AE63, Prime64E = 0x27D4EB2F165667C5;
    private const ulong PrimeMixA = 0x165667919E3779F9, PrimeMixB = 0x9FB21C651E98DF25;

    private readonly ulong[] _lanes = [Prime32C, Prime64A, Prime64B, Prime64C, Prime64D, Prime32B, Prime64E, Prime32A];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _lastStripe = new byte[StripeBytes];
    private int _buffered;
    private int _stripe;
    private ulong _length;

    private static ReadOnlySpan<byte> Secret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb,
        0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb,
        0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
        0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc,
        0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    /// <summary>The hash of <paramref name="bytes"/>.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash3();
        hash.Append(bytes);
        return hash.Finish();
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        if (bytes.Length <= BufferBytes - _buffered)
        {
            bytes.CopyTo(_buffer.AsSpan(_buffered));
            _buffered += bytes.Length;
            return;
        }
        if (_buffered > 0)
        {
            var taken = BufferBytes - _buffered;
            bytes[..taken].CopyTo(_buffer.AsSpan(_buffered));
            bytes = bytes[taken..];
            Consume(_buffer);
            _buffered = 0;
        }

        // The last stripe stays unread until more follows: the end of the input is mixed in its own way.
        var whole = (bytes.Length - 1) / StripeBytes * StripeBytes;
        if (whole > 0)
            Consume(bytes[..whole]);
        bytes[whole..].CopyTo(_buffer);
        _buffered = bytes.Length - whole;
    }

    /// <summary>The hash of all bytes so far; more may follow.</summary>
    public ulong Finish()
    {
        var tail = _buffer.AsSpan(0, _buffered);
        if (_length <= 16)
            return HashUpTo16(tail);
        if (_length <= 128)
            return HashUpTo128(tail);
        if (_length <= 240)
            return HashUpTo240(tail);

        Span<ulong> lanes = stackalloc ulong[8];
        _lanes.CopyTo(lanes);
        var stripe = _stripe;
        var whole = (tail.Length - 1) / StripeBytes;
        for (var i = 0; i < whole; i++)
            NextStripe(lanes, tail[(i * StripeBytes)..], ref stripe);
        Span<byte> last = stackalloc byte[StripeBytes];
        var own = Math.Min(tail.Length, StripeBytes);
        _lastStripe.AsSpan(own).CopyTo(last);
        tail[^own..].CopyTo(last[^own..]);
        Accumulate(lanes, last, Secret[(SecretBytes - StripeBytes - 7)..]);
        return Merge(lanes, 11, _length * Prime64A);
    }

    private void Consume(ReadOnlySpan<byte> bytes)
    {
        for (var offset = 0; offset < bytes.Length; offset += StripeBytes)
            NextStripe(_lanes, bytes[offset..], ref _stripe);
        bytes[^StripeBytes..].CopyTo(_lastStripe);
    }

    private static void NextStripe(Span<ulong> lanes, ReadOnlySpan<byte> stripe, ref int index)
    {
        Accumulate(lanes, stripe, Secret[(index * 8)..]);
        if (++index < StripesPerBlock)
            return;
        index = 0;
        for (var lane = 0; lane < 8; lane++)
        {
            var key = Read64(Secret, SecretBytes - StripeBytes + (lane * 8));
            lanes[lane] = (lanes[lane] ^ (lanes[lane] >> 47) ^ key) * Prime32A;
        }
    }

    private static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> stripe, ReadOnlySpan<byte> secret)
    {
        for (var lane = 0; lane < 8; lane++)
        {
            var value = Read64(stripe, lane * 8);
            var mixed = value ^ Read64(secret, lane * 8);
            lanes[lane ^ 1] += value;
            lanes[lane] += (uint)mixed * (mixed >> 32);
        }
    }

    private static ulong Merge(ReadOnlySpan<ulong> lanes, int secret, ulong start)
    {
        var result = start;
        for (var i = 0; i < 4; i++)
            result += Fold(lanes[2 * i] ^ Read64(Secret, secret + (16 * i)), lanes[(2 * i) + 1] ^ Read64(Secret, secret + (16 * i) + 8));
        return Avalanche(result);
    }

    private static ulong HashUpTo16(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        if (length > 8)
        {
            var low = Read64(bytes, 0) ^ Read64(Secret, 24) ^ Read64(Secret, 32);
            var high = Read64(bytes, length - 8) ^ Read64(Secret, 40) ^ Read64(Secret, 48);
            return Avalanche((ulong)length + BinaryPrimitives.ReverseEndianness(low) + high + Fold(low, high));
        }
        if (length >= 4)
        {
            var mixed = (Read32(bytes, length - 4) + ((ulong)Read32(bytes, 0) << 32)) ^ Read64(Secret, 8) ^ Read64(Secret, 16);
            mixed ^= BitOperations.RotateLeft(mixed, 49) ^ BitOperations.RotateLeft(mixed, 24);
            mixed *= PrimeMixB;
            mixed ^= (mixed >> 35) + (ulong)length;
            mixed *= PrimeMixB;
            return mixed ^ (mixed >> 28);
        }
        if (length > 0)
        {
            var combined = ((uint)bytes[0] << 16) | ((uint)bytes[length >> 1] << 24) | bytes[length - 1] | ((uint)length << 8);
            return AvalancheSmall(combined ^ (ulong)(Read32(Secret, 0) ^ Read32(Secret, 4)));
        }
        return AvalancheSmall(Read64(Secret, 56) ^ Read64(Secret, 64));
    }

    private static ulong HashUpTo128(ReadOnlySpan<byte> bytes)
    {
        var result = (ulong)bytes.Length * Prime64A;
        for (var i = (bytes.Length - 1) / 32; i >= 0; i--)
            result += Mix16(bytes, i * 16, 32 * i) + Mix16(bytes, bytes.Length - ((i + 1) * 16), (32 * i) + 16);
        return Avalanche(result);
    }

    private static ulong HashUpTo240(ReadOnlySpan<byte> bytes)
    {
        var result = (ulong)bytes.Length * Prime64A;
        for (var i = 0; i < 8; i++)
            result += Mix16(bytes, 16 * i, 16 * i);
        result = Avalanche(result);
        for (var i = 8; i < bytes.Length / 16; i++)
            result += Mix16(bytes, 16 * i, (16 * (i - 8)) + 3);
        return Avalanche(result + Mix16(bytes, bytes.Length - 16, 136 - 17));
    }

    private static ulong Mix16(ReadOnlySpan<byte> bytes, int offset, int secret) =>
        Fold(Read64(bytes, offset) ^ Read64(Secret, secret), Read64(bytes, offset + 8) ^ Read64(Secret, secret + 8));

    private static ulong Fold(ulong a, ulong b) => Math.BigMul(a, b, out var low) ^ low;

    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 37)) * PrimeMixA;
        return hash ^ (hash >> 32);
    }

    private static ulong AvalancheSmall(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime64B;
        hash = (hash ^ (hash >> 29)) * Prime64C;
        return hash ^ (hash >> 32);
    }

    private static ulong Read64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private static uint Read32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
