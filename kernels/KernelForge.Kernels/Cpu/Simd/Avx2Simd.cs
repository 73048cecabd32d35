using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>AVX2 with FMA: eight floats.</summary>
[KernelTemplate]
public static unsafe class Avx2Simd
{
    /// <summary>Which instruction set this is.</summary>
    public const SimdKind Kind = SimdKind.Avx2;

    /// <summary>Floats in a vector.</summary>
    public const int Width = 8;

    /// <summary>Tokens whose accumulators and block sums fit the registers in a matrix-matrix kernel.</summary>
    public const int TokenTile = 6;

    /// <summary>Vectors that six rows of accumulators in registers are wide.</summary>
    public const int ColumnVectors = 2;

    /// <summary>Whether <see cref="AddDotBytes"/> is one instruction; elsewhere the sums of a block's low and high nibbles are put together at its end.</summary>
    public const bool HasByteDot = false;

    /// <summary>Fetches the cache line at p ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* p) => Sse.Prefetch0(p);

    /// <summary>Reads a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* p) => Vector256.Load(p);

    /// <summary>Writes a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector256<float> x) => x.Store(p);

    /// <summary>Reads the first <paramref name="count"/> floats (at most a vector, none if negative); the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadPartial(float* p, nint count)
    {
        var x = Vector256<float>.Zero;
        for (nint lane = 0; lane < count && lane < Width; lane++)
            ((float*)&x)[lane] = p[lane];
        return x;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes (at most a vector, none if negative).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* p, Vector256<float> x, nint count)
    {
        for (nint lane = 0; lane < count && lane < Width; lane++)
            p[lane] = ((float*)&x)[lane];
    }

    /// <summary>Zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Zero() => Vector256<float>.Zero;

    /// <summary>One value in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float x) => Vector256.Create(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    /// <summary>a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    /// <summary>a / b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Fma.MultiplyAdd(a, b, c);

    /// <summary>The larger of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Avx.Max(a, b);

    /// <summary>The smaller of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Avx.Min(a, b);

    /// <summary>Magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Abs(Vector256<float> x) => (x.AsInt32() & Vector256.Create(int.MaxValue)).AsSingle();

    /// <summary>The other sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Negate(Vector256<float> x) => (x.AsInt32() ^ Vector256.Create(int.MinValue)).AsSingle();

    /// <summary>Lanes 0, 0, 2, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DuplicateEven(Vector256<float> x) => Avx.DuplicateEvenIndexed(x);

    /// <summary>Lanes 1, 1, 3, 3, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DuplicateOdd(Vector256<float> x) => Avx.DuplicateOddIndexed(x);

    /// <summary>Lanes 1, 0, 3, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SwapPairs(Vector256<float> x) => Avx.Permute(x, 0xB1);

    /// <summary>The other sign in lanes 0, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> NegateEven(Vector256<float> x) => (x.AsInt64() ^ Vector256.Create(0x80000000L)).AsSingle();

    /// <summary>a &lt; b ? x : y in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SelectLess(Vector256<float> a, Vector256<float> b, Vector256<float> x, Vector256<float> y) =>
        Avx.BlendVariable(y, x, Avx.CompareLessThan(a, b));

    /// <summary>The sum of the lanes: lane l + lane l + h for h = half the lanes, a quarter, ... 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumLanes(Vector256<float> x) => PortableSimd.SumLanes(x.GetLower() + x.GetUpper());

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLanes(Vector256<float> x) => PortableSimd.MaxLanes(Sse.Max(x.GetLower(), x.GetUpper()));

    /// <summary>2^n for whole n from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<int> n) => ((n + Vector256.Create(127)) << 23).AsSingle();

    /// <summary>Rounds to the nearest integer, ties to even; |x| &lt; 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ToInt(Vector256<float> x) => Avx.ConvertToVector256Int32(x);

    /// <summary>Floats of integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToFloat(Vector256<int> x) => Avx.ConvertToVector256Single(x);

    /// <summary>One integer in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> BroadcastInt(int x) => Vector256.Create(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddInt(Vector256<int> a, Vector256<int> b) => a + b;

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> SubtractInt(Vector256<int> a, Vector256<int> b) => a - b;

    /// <summary>16 * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Times16(Vector256<int> x) => x << 4;

    /// <summary>x / 16 rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> HighDigits(Vector256<int> x) => x >> 4;

    /// <summary>The sum of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SumIntLanes(Vector256<int> x) => PortableSimd.SumIntLanes(x.GetLower() + x.GetUpper());

    /// <summary>Reads signed bytes, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSBytes(byte* p) => Avx2.ConvertToVector256Int32((sbyte*)p);

    /// <summary>Writes lanes of -128 to 127 as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSBytes(byte* p, Vector256<int> x)
    {
        var shorts = Sse2.PackSignedSaturate(x.GetLower(), x.GetUpper());
        *(long*)p = Sse2.PackSignedSaturate(shorts, shorts).AsInt64().ToScalar();
    }

    /// <summary>Reads binary16; infinities and NaN are not among them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalf(byte* p)
    {
        // Sign, exponent and mantissa move to their places in binary32; the product with 2^112 sets the exponent's bias right, subnormals included.
        var bits = (Avx2.ConvertToVector256Int32((short*)p) << 13) & Vector256.Create(unchecked((int)0x8FFFE000));
        return bits.AsSingle() * Vector256.Create(5.192296858534828e33f);
    }

    /// <summary>Writes binary16: clamped to +-65,504, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(byte* p, Vector256<float> x)
    {
        var sign = Vector256.ShiftRightLogical(x.AsInt32(), 16) & Vector256.Create(0x8000);
        var magnitude = Avx.Min(Vector256.Create(65504f), Abs(x)); // in this order NaN stays NaN
        var bits = magnitude.AsInt32();
        var odd = Vector256.ShiftRightLogical(bits, 13) & Vector256.Create(1);
        var normal = Vector256.ShiftRightLogical(bits + odd + Vector256.Create(0xFFF - (112 << 23)), 13);
        var subnormal = (magnitude + Vector256.Create(0.5f)).AsInt32() - Vector256.Create(0x3F000000); // the ulp of 0.5 is 2^-24, that of subnormals
        var half = Vector256.ConditionalSelect(Vector256.LessThan(bits, Vector256.Create(113 << 23)), subnormal, normal) | sign;
        Sse41.PackUnsignedSaturate(half.GetLower(), half.GetUpper()).Store((ushort*)p);
    }

    /// <summary>Reads bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloat16(byte* p) => (Avx2.ConvertToVector256Int32((short*)p) << 16).AsSingle();

    /// <summary>Writes bfloat16 that lose nothing by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(byte* p, Vector256<float> x)
    {
        var bits = Vector256.ShiftRightLogical(x.AsInt32(), 16);
        Sse41.PackUnsignedSaturate(bits.GetLower(), bits.GetUpper()).Store((ushort*)p);
    }

    /// <summary>Reads bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadBytes(byte* p) => Vector256.Load(p);

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* p, Vector256<byte> x) => x.Store(p);

    /// <summary>Four bytes again and again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast4(byte* p) => Vector256.Create(*(int*)p).AsByte();

    /// <summary>The low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LowNibbles(Vector256<byte> x) => x & Vector256.Create((byte)15);

    /// <summary>The high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> HighNibbles(Vector256<byte> x) => (x.AsUInt16() >> 4).AsByte() & Vector256.Create((byte)15);

    /// <summary>
    /// Starts a block of products of unsigned codes up to 15 and signed bytes, four to a lane. At most eight steps; what is in the result only
    /// <see cref="NibbleSums"/> knows: sums of 16 bits. None overflows: a step adds two products, at most 2 * 15 * 128 = 3,840 in magnitude, so eight steps reach 30,720 at most.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotNibbles(Vector256<byte> u, Vector256<byte> a) => Avx2.MultiplyAddAdjacent(u, a.AsSByte()).AsInt32();

    /// <summary>The next step of <see cref="DotNibbles"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddDotNibbles(Vector256<int> sum, Vector256<byte> u, Vector256<byte> a) =>
        (sum.AsInt16() + Avx2.MultiplyAddAdjacent(u, a.AsSByte())).AsInt32();

    /// <summary>The sums of a block's products, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> NibbleSums(Vector256<int> sum) => Avx2.MultiplyAddAdjacent(sum.AsInt16(), Vector256.Create((short)1));

    /// <summary>Sum plus the four products in each lane of unsigned codes up to 255 and signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddDotBytes(Vector256<int> sum, Vector256<byte> u, Vector256<byte> a) =>
        sum + NibbleSums(DotNibbles(LowNibbles(u), a)) + (NibbleSums(DotNibbles(HighNibbles(u), a)) << 4);
}
