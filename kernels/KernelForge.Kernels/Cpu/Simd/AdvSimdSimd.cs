using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Arm64 with the dot-product extension: the 128-bit vectors of <see cref="PortableSimd"/>, <c>fcvtns</c> and <c>sdot</c>.</summary>
[KernelTemplate]
public static unsafe class AdvSimdSimd
{
    /// <summary>Which instruction set this is.</summary>
    public const SimdKind Kind = SimdKind.AdvSimd;

    /// <summary>Floats in a vector.</summary>
    public const int Width = 4;

    /// <summary>Tokens whose accumulators and block sums fit the registers in a matrix-matrix kernel.</summary>
    public const int TokenTile = 8;

    /// <summary>Vectors that six rows of accumulators in registers are wide.</summary>
    public const int ColumnVectors = 4;

    /// <summary>Whether <see cref="AddDotBytes"/> is one instruction; elsewhere the sums of a block's low and high nibbles are put together at its end.</summary>
    public const bool HasByteDot = false;

    /// <summary>Fetches the cache line at p ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* p) => PortableSimd.Prefetch(p);

    /// <summary>Reads a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* p) => PortableSimd.Load(p);

    /// <summary>Writes a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector128<float> x) => PortableSimd.Store(p, x);

    /// <summary>Reads the first <paramref name="count"/> floats (at most a vector, none if negative); the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadPartial(float* p, nint count) => PortableSimd.LoadPartial(p, count);

    /// <summary>Writes the first <paramref name="count"/> lanes (at most a vector, none if negative).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* p, Vector128<float> x, nint count) => PortableSimd.StorePartial(p, x, count);

    /// <summary>Zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Zero() => PortableSimd.Zero();

    /// <summary>One value in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float x) => PortableSimd.Broadcast(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => PortableSimd.Add(a, b);

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => PortableSimd.Subtract(a, b);

    /// <summary>a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => PortableSimd.Multiply(a, b);

    /// <summary>a / b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => PortableSimd.Divide(a, b);

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        AdvSimd.FusedMultiplyAdd(c, a, b);

    /// <summary>The larger of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => PortableSimd.Max(a, b);

    /// <summary>The smaller of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => PortableSimd.Min(a, b);

    /// <summary>Magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Abs(Vector128<float> x) => PortableSimd.Abs(x);

    /// <summary>The other sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Negate(Vector128<float> x) => PortableSimd.Negate(x);

    /// <summary>Lanes 0, 0, 2, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DuplicateEven(Vector128<float> x) => PortableSimd.DuplicateEven(x);

    /// <summary>Lanes 1, 1, 3, 3, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DuplicateOdd(Vector128<float> x) => PortableSimd.DuplicateOdd(x);

    /// <summary>Lanes 1, 0, 3, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SwapPairs(Vector128<float> x) => PortableSimd.SwapPairs(x);

    /// <summary>The other sign in lanes 0, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> NegateEven(Vector128<float> x) => PortableSimd.NegateEven(x);

    /// <summary>a &lt; b ? x : y in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SelectLess(Vector128<float> a, Vector128<float> b, Vector128<float> x, Vector128<float> y) =>
        PortableSimd.SelectLess(a, b, x, y);

    /// <summary>The sum of the lanes: lane l + lane l + h for h = half the lanes, a quarter, ... 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumLanes(Vector128<float> x) => PortableSimd.SumLanes(x);

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLanes(Vector128<float> x) => PortableSimd.MaxLanes(x);

    /// <summary>2^n for whole n from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PowerOfTwo(Vector128<int> n) => PortableSimd.PowerOfTwo(n);

    /// <summary>Rounds to the nearest integer, ties to even; |x| &lt; 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ToInt(Vector128<float> x) => AdvSimd.ConvertToInt32RoundToEven(x);

    /// <summary>Floats of integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Vector128<int> x) => PortableSimd.ToFloat(x);

    /// <summary>One integer in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> BroadcastInt(int x) => PortableSimd.BroadcastInt(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddInt(Vector128<int> a, Vector128<int> b) => PortableSimd.AddInt(a, b);

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SubtractInt(Vector128<int> a, Vector128<int> b) => PortableSimd.SubtractInt(a, b);

    /// <summary>16 * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Times16(Vector128<int> x) => PortableSimd.Times16(x);

    /// <summary>x / 16 rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> HighDigits(Vector128<int> x) => PortableSimd.HighDigits(x);

    /// <summary>The sum of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SumIntLanes(Vector128<int> x) => PortableSimd.SumIntLanes(x);

    /// <summary>Reads signed bytes, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadSBytes(byte* p) => PortableSimd.LoadSBytes(p);

    /// <summary>Writes lanes of -128 to 127 as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSBytes(byte* p, Vector128<int> x) => PortableSimd.StoreSBytes(p, x);

    /// <summary>Reads binary16; infinities and NaN are not among them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalf(byte* p) => PortableSimd.LoadHalf(p);

    /// <summary>Writes binary16: clamped to +-65,504, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(byte* p, Vector128<float> x) => PortableSimd.StoreHalf(p, x);

    /// <summary>Reads bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloat16(byte* p) => PortableSimd.LoadBFloat16(p);

    /// <summary>Writes bfloat16 that lose nothing by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(byte* p, Vector128<float> x) => PortableSimd.StoreBFloat16(p, x);

    /// <summary>Reads bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadBytes(byte* p) => PortableSimd.LoadBytes(p);

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* p, Vector128<byte> x) => PortableSimd.StoreBytes(p, x);

    /// <summary>Four bytes again and again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast4(byte* p) => PortableSimd.Broadcast4(p);

    /// <summary>The low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowNibbles(Vector128<byte> x) => PortableSimd.LowNibbles(x);

    /// <summary>The high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HighNibbles(Vector128<byte> x) => PortableSimd.HighNibbles(x);

    /// <summary>
    /// Starts a block of products of unsigned codes up to 15 and signed bytes, four to a lane. At most eight steps; what is in the result only
    /// <see cref="NibbleSums"/> knows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> DotNibbles(Vector128<byte> u, Vector128<byte> a) =>
        Dp.DotProduct(Vector128<int>.Zero, u.AsSByte(), a.AsSByte());

    /// <summary>The next step of <see cref="DotNibbles"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddDotNibbles(Vector128<int> sum, Vector128<byte> u, Vector128<byte> a) =>
        Dp.DotProduct(sum, u.AsSByte(), a.AsSByte());

    /// <summary>The sums of a block's products, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> NibbleSums(Vector128<int> sum) => sum;

    /// <summary>Sum plus the four products in each lane of unsigned codes up to 255 and signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddDotBytes(Vector128<int> sum, Vector128<byte> u, Vector128<byte> a) =>
        sum + NibbleSums(DotNibbles(LowNibbles(u), a)) + (NibbleSums(DotNibbles(HighNibbles(u), a)) << 4);
}
