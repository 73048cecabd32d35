using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>AVX2 with AVX-VNNI: what differs from <see cref="Avx2Simd"/> is the products of codes.</summary>
[KernelTemplate]
public static unsafe class Avx2VnniSimd
{
    /// <summary>Which instruction set this is.</summary>
    public const SimdKind Kind = SimdKind.Avx2Vnni;

    /// <summary>Floats in a vector.</summary>
    public const int Width = 8;

    /// <summary>Tokens whose accumulators and block sums fit the registers in a matrix-matrix kernel.</summary>
    public const int TokenTile = 6;

    /// <summary>Vectors that six rows of accumulators in registers are wide.</summary>
    public const int ColumnVectors = 2;

    /// <summary>Whether <see cref="AddDotBytes"/> is one instruction; elsewhere the sums of a block's low and high nibbles are put together at its end.</summary>
    public const bool HasByteDot = true;

    /// <summary>Fetches the cache line at p ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* p) => Avx2Simd.Prefetch(p);

    /// <summary>Reads a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* p) => Avx2Simd.Load(p);

    /// <summary>Writes a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector256<float> x) => Avx2Simd.Store(p, x);

    /// <summary>Reads the first <paramref name="count"/> floats (at most a vector, none if negative); the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadPartial(float* p, nint count) => Avx2Simd.LoadPartial(p, count);

    /// <summary>Writes the first <paramref name="count"/> lanes (at most a vector, none if negative).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* p, Vector256<float> x, nint count) => Avx2Simd.StorePartial(p, x, count);

    /// <summary>Zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Zero() => Avx2Simd.Zero();

    /// <summary>One value in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float x) => Avx2Simd.Broadcast(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => Avx2Simd.Add(a, b);

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => Avx2Simd.Subtract(a, b);

    /// <summary>a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => Avx2Simd.Multiply(a, b);

    /// <summary>a / b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => Avx2Simd.Divide(a, b);

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Avx2Simd.MultiplyAdd(a, b, c);

    /// <summary>The larger of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Avx2Simd.Max(a, b);

    /// <summary>The smaller of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Avx2Simd.Min(a, b);

    /// <summary>Magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Abs(Vector256<float> x) => Avx2Simd.Abs(x);

    /// <summary>The other sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Negate(Vector256<float> x) => Avx2Simd.Negate(x);

    /// <summary>Lanes 0, 0, 2, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DuplicateEven(Vector256<float> x) => Avx2Simd.DuplicateEven(x);

    /// <summary>Lanes 1, 1, 3, 3, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DuplicateOdd(Vector256<float> x) => Avx2Simd.DuplicateOdd(x);

    /// <summary>Lanes 1, 0, 3, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SwapPairs(Vector256<float> x) => Avx2Simd.SwapPairs(x);

    /// <summary>The other sign in lanes 0, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> NegateEven(Vector256<float> x) => Avx2Simd.NegateEven(x);

    /// <summary>a &lt; b ? x : y in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SelectLess(Vector256<float> a, Vector256<float> b, Vector256<float> x, Vector256<float> y) =>
        Avx2Simd.SelectLess(a, b, x, y);

    /// <summary>The sum of the lanes: lane l + lane l + h for h = half the lanes, a quarter, ... 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumLanes(Vector256<float> x) => Avx2Simd.SumLanes(x);

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLanes(Vector256<float> x) => Avx2Simd.MaxLanes(x);

    /// <summary>2^n for whole n from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<int> n) => Avx2Simd.PowerOfTwo(n);

    /// <summary>Rounds to the nearest integer, ties to even; |x| &lt; 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ToInt(Vector256<float> x) => Avx2Simd.ToInt(x);

    /// <summary>Floats of integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToFloat(Vector256<int> x) => Avx2Simd.ToFloat(x);

    /// <summary>One integer in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> BroadcastInt(int x) => Avx2Simd.BroadcastInt(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddInt(Vector256<int> a, Vector256<int> b) => Avx2Simd.AddInt(a, b);

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> SubtractInt(Vector256<int> a, Vector256<int> b) => Avx2Simd.SubtractInt(a, b);

    /// <summary>16 * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Times16(Vector256<int> x) => Avx2Simd.Times16(x);

    /// <summary>x / 16 rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> HighDigits(Vector256<int> x) => Avx2Simd.HighDigits(x);

    /// <summary>The sum of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SumIntLanes(Vector256<int> x) => Avx2Simd.SumIntLanes(x);

    /// <summary>Reads signed bytes, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSBytes(byte* p) => Avx2Simd.LoadSBytes(p);

    /// <summary>Writes lanes of -128 to 127 as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSBytes(byte* p, Vector256<int> x) => Avx2Simd.StoreSBytes(p, x);

    /// <summary>Reads binary16; infinities and NaN are not among them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalf(byte* p) => Avx2Simd.LoadHalf(p);

    /// <summary>Writes binary16: clamped to +-65,504, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(byte* p, Vector256<float> x) => Avx2Simd.StoreHalf(p, x);

    /// <summary>Reads bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloat16(byte* p) => Avx2Simd.LoadBFloat16(p);

    /// <summary>Writes bfloat16 that lose nothing by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(byte* p, Vector256<float> x) => Avx2Simd.StoreBFloat16(p, x);

    /// <summary>Reads bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadBytes(byte* p) => Avx2Simd.LoadBytes(p);

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* p, Vector256<byte> x) => Avx2Simd.StoreBytes(p, x);

    /// <summary>Four bytes again and again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast4(byte* p) => Avx2Simd.Broadcast4(p);

    /// <summary>The low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LowNibbles(Vector256<byte> x) => Avx2Simd.LowNibbles(x);

    /// <summary>The high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> HighNibbles(Vector256<byte> x) => Avx2Simd.HighNibbles(x);

    /// <summary>
    /// Starts a block of products of unsigned codes up to 15 and signed bytes, four to a lane. At most eight steps; what is in the result only
    /// <see cref="NibbleSums"/> knows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotNibbles(Vector256<byte> u, Vector256<byte> a) =>
        AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, u, a.AsSByte());

    /// <summary>The next step of <see cref="DotNibbles"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddDotNibbles(Vector256<int> sum, Vector256<byte> u, Vector256<byte> a) =>
        AvxVnni.MultiplyWideningAndAdd(sum, u, a.AsSByte());

    /// <summary>The sums of a block's products, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> NibbleSums(Vector256<int> sum) => sum;

    /// <summary>Sum plus the four products in each lane of unsigned codes up to 255 and signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddDotBytes(Vector256<int> sum, Vector256<byte> u, Vector256<byte> a) =>
        AvxVnni.MultiplyWideningAndAdd(sum, u, a.AsSByte());
}
