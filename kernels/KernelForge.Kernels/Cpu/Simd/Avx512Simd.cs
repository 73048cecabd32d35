using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>AVX-512 F, BW, DQ and VL: sixteen floats. .NET has no 512-bit VNNI, so products of codes go through <c>vpmaddubsw</c>.</summary>
[KernelTemplate]
public static unsafe class Avx512Simd
{
    /// <summary>Which instruction set this is.</summary>
    public const SimdKind Kind = SimdKind.Avx512;

    /// <summary>Floats in a vector.</summary>
    public const int Width = 16;

    /// <summary>Tokens whose accumulators and block sums fit the registers in a matrix-matrix kernel.</summary>
    public const int TokenTile = 8;

    /// <summary>Vectors that six rows of accumulators in registers are wide.</summary>
    public const int ColumnVectors = 4;

    /// <summary>Whether <see cref="AddDotBytes"/> is one instruction; elsewhere the sums of a block's low and high nibbles are put together at its end.</summary>
    public const bool HasByteDot = false;

    /// <summary>Fetches the cache line at p ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* p) => Sse.Prefetch0(p);

    /// <summary>Reads a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* p) => Vector512.Load(p);

    /// <summary>Writes a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector512<float> x) => x.Store(p);

    /// <summary>Reads the first <paramref name="count"/> floats (at most a vector, none if negative); the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPartial(float* p, nint count)
    {
        var x = Vector512<float>.Zero;
        for (nint lane = 0; lane < count && lane < Width; lane++)
            ((float*)&x)[lane] = p[lane];
        return x;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes (at most a vector, none if negative).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* p, Vector512<float> x, nint count)
    {
        for (nint lane = 0; lane < count && lane < Width; lane++)
            p[lane] = ((float*)&x)[lane];
    }

    /// <summary>Zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Zero() => Vector512<float>.Zero;

    /// <summary>One value in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float x) => Vector512.Create(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    /// <summary>a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    /// <summary>a / b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.FusedMultiplyAdd(a, b, c);

    /// <summary>The larger of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Avx512F.Max(a, b);

    /// <summary>The smaller of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Avx512F.Min(a, b);

    /// <summary>Magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Abs(Vector512<float> x) => (x.AsInt32() & Vector512.Create(int.MaxValue)).AsSingle();

    /// <summary>The other sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Negate(Vector512<float> x) => (x.AsInt32() ^ Vector512.Create(int.MinValue)).AsSingle();

    /// <summary>Lanes 0, 0, 2, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DuplicateEven(Vector512<float> x) => Avx512F.DuplicateEvenIndexed(x);

    /// <summary>Lanes 1, 1, 3, 3, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DuplicateOdd(Vector512<float> x) => Avx512F.DuplicateOddIndexed(x);

    /// <summary>Lanes 1, 0, 3, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SwapPairs(Vector512<float> x) => Avx512F.Permute4x32(x, 0xB1);

    /// <summary>The other sign in lanes 0, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NegateEven(Vector512<float> x) => (x.AsInt64() ^ Vector512.Create(0x80000000L)).AsSingle();

    /// <summary>a &lt; b ? x : y in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SelectLess(Vector512<float> a, Vector512<float> b, Vector512<float> x, Vector512<float> y) =>
        Vector512.ConditionalSelect(Vector512.LessThan(a, b), x, y);

    /// <summary>The sum of the lanes: lane l + lane l + h for h = half the lanes, a quarter, ... 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumLanes(Vector512<float> x) => Avx2Simd.SumLanes(x.GetLower() + x.GetUpper());

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLanes(Vector512<float> x) => Avx2Simd.MaxLanes(Avx.Max(x.GetLower(), x.GetUpper()));

    /// <summary>2^n for whole n from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PowerOfTwo(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();

    /// <summary>Rounds to the nearest integer, ties to even; |x| &lt; 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ToInt(Vector512<float> x) => Avx512F.ConvertToVector512Int32(x);

    /// <summary>Floats of integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToFloat(Vector512<int> x) => Avx512F.ConvertToVector512Single(x);

    /// <summary>One integer in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> BroadcastInt(int x) => Vector512.Create(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddInt(Vector512<int> a, Vector512<int> b) => a + b;

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> SubtractInt(Vector512<int> a, Vector512<int> b) => a - b;

    /// <summary>16 * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Times16(Vector512<int> x) => x << 4;

    /// <summary>x / 16 rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> HighDigits(Vector512<int> x) => x >> 4;

    /// <summary>The sum of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SumIntLanes(Vector512<int> x) => Avx2Simd.SumIntLanes(x.GetLower() + x.GetUpper());

    /// <summary>Reads signed bytes, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadSBytes(byte* p) => Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)p));

    /// <summary>Writes lanes of -128 to 127 as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSBytes(byte* p, Vector512<int> x) => Avx512F.ConvertToVector128SByte(x).Store((sbyte*)p);

    /// <summary>Reads binary16; infinities and NaN are not among them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalf(byte* p)
    {
        // Sign, exponent and mantissa move to their places in binary32; the product with 2^112 sets the exponent's bias right, subnormals included.
        var bits = (Avx512F.ConvertToVector512Int32(Vector256.Load((short*)p)) << 13) & Vector512.Create(unchecked((int)0x8FFFE000));
        return bits.AsSingle() * Vector512.Create(5.192296858534828e33f);
    }

    /// <summary>Writes binary16: clamped to +-65,504, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(byte* p, Vector512<float> x)
    {
        var sign = Vector512.ShiftRightLogical(x.AsInt32(), 16) & Vector512.Create(0x8000);
        var magnitude = Avx512F.Min(Vector512.Create(65504f), Abs(x)); // in this order NaN stays NaN
        var bits = magnitude.AsInt32();
        var odd = Vector512.ShiftRightLogical(bits, 13) & Vector512.Create(1);
        var normal = Vector512.ShiftRightLogical(bits + odd + Vector512.Create(0xFFF - (112 << 23)), 13);
        var subnormal = (magnitude + Vector512.Create(0.5f)).AsInt32() - Vector512.Create(0x3F000000); // the ulp of 0.5 is 2^-24, that of subnormals
        var half = Vector512.ConditionalSelect(Vector512.LessThan(bits, Vector512.Create(113 << 23)), subnormal, normal) | sign;
        Avx512F.ConvertToVector256Int16(half).Store((short*)p);
    }

    /// <summary>Reads bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloat16(byte* p) => (Avx512F.ConvertToVector512Int32(Vector256.Load((short*)p)) << 16).AsSingle();

    /// <summary>Writes bfloat16 that lose nothing by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(byte* p, Vector512<float> x) =>
        Avx512F.ConvertToVector256Int16(Vector512.ShiftRightLogical(x.AsInt32(), 16)).Store((short*)p);

    /// <summary>Reads bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadBytes(byte* p) => Vector512.Load(p);

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* p, Vector512<byte> x) => x.Store(p);

    /// <summary>Four bytes again and again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast4(byte* p) => Vector512.Create(*(int*)p).AsByte();

    /// <summary>The low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LowNibbles(Vector512<byte> x) => x & Vector512.Create((byte)15);

    /// <summary>The high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> HighNibbles(Vector512<byte> x) => (x.AsUInt16() >> 4).AsByte() & Vector512.Create((byte)15);

    /// <summary>
    /// Starts a block of products of unsigned codes up to 15 and signed bytes, four to a lane. At most eight steps; what is in the result only
    /// <see cref="NibbleSums"/> knows: sums of 16 bits. None overflows: a step adds two products, at most 2 * 15 * 128 = 3,840 in magnitude, so eight steps reach 30,720 at most.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> DotNibbles(Vector512<byte> u, Vector512<byte> a) =>
        Avx512BW.MultiplyAddAdjacent(u, a.AsSByte()).AsInt32();

    /// <summary>The next step of <see cref="DotNibbles"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddDotNibbles(Vector512<int> sum, Vector512<byte> u, Vector512<byte> a) =>
        (sum.AsInt16() + Avx512BW.MultiplyAddAdjacent(u, a.AsSByte())).AsInt32();

    /// <summary>The sums of a block's products, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> NibbleSums(Vector512<int> sum) =>
        Avx512BW.MultiplyAddAdjacent(sum.AsInt16(), Vector512.Create((short)1));

    /// <summary>Sum plus the four products in each lane of unsigned codes up to 255 and signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddDotBytes(Vector512<int> sum, Vector512<byte> u, Vector512<byte> a) =>
        sum + NibbleSums(DotNibbles(LowNibbles(u), a)) + (NibbleSums(DotNibbles(HighNibbles(u), a)) << 4);
}
