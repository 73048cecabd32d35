using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Vectors of 128 bits in whatever instructions .NET has for them. Its members are what every instruction-set class has.</summary>
[KernelTemplate]
public static unsafe class PortableSimd
{
    /// <summary>Which instruction set this is.</summary>
    public const SimdKind Kind = SimdKind.Portable;

    /// <summary>Floats in a vector.</summary>
    public const int Width = 4;

    /// <summary>Tokens whose accumulators and block sums fit the registers in a matrix-matrix kernel.</summary>
    public const int TokenTile = 4;

    /// <summary>Vectors that six rows of accumulators in registers are wide.</summary>
    public const int ColumnVectors = 2;

    /// <summary>Whether <see cref="AddDotBytes"/> is one instruction; elsewhere the sums of a block's low and high nibbles are put together at its end.</summary>
    public const bool HasByteDot = true;

    /// <summary>Fetches the cache line at p ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* p)
    {
    }

    /// <summary>Reads a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* p) => Vector128.Load(p);

    /// <summary>Writes a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* p, Vector128<float> x) => x.Store(p);

    /// <summary>Reads the first <paramref name="count"/> floats (at most a vector, none if negative); the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadPartial(float* p, nint count)
    {
        var x = Vector128<float>.Zero;
        for (nint lane = 0; lane < count && lane < Width; lane++)
            ((float*)&x)[lane] = p[lane];
        return x;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes (at most a vector, none if negative).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* p, Vector128<float> x, nint count)
    {
        for (nint lane = 0; lane < count && lane < Width; lane++)
            p[lane] = ((float*)&x)[lane];
    }

    /// <summary>Zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Zero() => Vector128<float>.Zero;

    /// <summary>One value in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float x) => Vector128.Create(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    /// <summary>a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    /// <summary>a / b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

    /// <summary>The larger of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.Max(a, b);

    /// <summary>The smaller of each pair; no lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.Min(a, b);

    /// <summary>Magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Abs(Vector128<float> x) => Vector128.Abs(x);

    /// <summary>The other sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Negate(Vector128<float> x) => (x.AsInt32() ^ Vector128.Create(int.MinValue)).AsSingle();

    /// <summary>Lanes 0, 0, 2, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DuplicateEven(Vector128<float> x) => Vector128.Shuffle(x, Vector128.Create(0, 0, 2, 2));

    /// <summary>Lanes 1, 1, 3, 3, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DuplicateOdd(Vector128<float> x) => Vector128.Shuffle(x, Vector128.Create(1, 1, 3, 3));

    /// <summary>Lanes 1, 0, 3, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SwapPairs(Vector128<float> x) => Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2));

    /// <summary>The other sign in lanes 0, 2, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> NegateEven(Vector128<float> x) => (x.AsInt64() ^ Vector128.Create(0x80000000L)).AsSingle();

    /// <summary>a &lt; b ? x : y in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SelectLess(Vector128<float> a, Vector128<float> b, Vector128<float> x, Vector128<float> y) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a, b), x, y);

    /// <summary>The sum of the lanes: lane l + lane l + h for h = half the lanes, a quarter, ... 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumLanes(Vector128<float> x)
    {
        x += Vector128.Shuffle(x, Vector128.Create(2, 3, 2, 3));
        return x.ToScalar() + x.GetElement(1);
    }

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLanes(Vector128<float> x)
    {
        x = Vector128.Max(x, Vector128.Shuffle(x, Vector128.Create(2, 3, 2, 3)));
        return Vector128.Max(x, Vector128.Shuffle(x, Vector128.Create(1, 1, 1, 1))).ToScalar();
    }

    /// <summary>2^n for whole n from -126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PowerOfTwo(Vector128<int> n) => ((n + Vector128.Create(127)) << 23).AsSingle();

    /// <summary>Rounds to the nearest integer, ties to even; |x| &lt; 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ToInt(Vector128<float> x)
    {
        // Adding 1.5 * 2^23 leaves no bit for a fraction, so the addition itself rounds.
        var magic = Vector128.Create(12582912f);
        return (x + magic).AsInt32() - magic.AsInt32();
    }

    /// <summary>Floats of integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Vector128<int> x) => Vector128.ConvertToSingle(x);

    /// <summary>One integer in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> BroadcastInt(int x) => Vector128.Create(x);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddInt(Vector128<int> a, Vector128<int> b) => a + b;

    /// <summary>a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SubtractInt(Vector128<int> a, Vector128<int> b) => a - b;

    /// <summary>16 * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Times16(Vector128<int> x) => x << 4;

    /// <summary>x / 16 rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> HighDigits(Vector128<int> x) => x >> 4;

    /// <summary>The sum of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SumIntLanes(Vector128<int> x) => Vector128.Sum(x);

    /// <summary>Reads signed bytes, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadSBytes(byte* p)
    {
        var bytes = Vector128.CreateScalarUnsafe(*(int*)p).AsSByte();
        return Vector128.WidenLower(Vector128.WidenLower(bytes));
    }

    /// <summary>Writes lanes of -128 to 127 as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSBytes(byte* p, Vector128<int> x)
    {
        var shorts = Vector128.Narrow(x, x);
        *(int*)p = Vector128.Narrow(shorts, shorts).AsInt32().ToScalar();
    }

    /// <summary>Reads binary16; infinities and NaN are not among them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalf(byte* p)
    {
        // Sign, exponent and mantissa move to their places in binary32; the product with 2^112 sets the exponent's bias right, subnormals included.
        var half = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)p).AsInt16());
        var bits = (half << 13) & Vector128.Create(unchecked((int)0x8FFFE000));
        return bits.AsSingle() * Vector128.Create(5.192296858534828e33f);
    }

    /// <summary>Writes binary16: clamped to +-65,504, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(byte* p, Vector128<float> x)
    {
        var sign = Vector128.ShiftRightLogical(x.AsInt32(), 16) & Vector128.Create(0x8000);
        var magnitude = Vector128.Min(Vector128.Abs(x), Vector128.Create(65504f));
        var bits = magnitude.AsInt32();
        var odd = Vector128.ShiftRightLogical(bits, 13) & Vector128.Create(1);
        var normal = Vector128.ShiftRightLogical(bits + odd + Vector128.Create(0xFFF - (112 << 23)), 13);
        var subnormal = (magnitude + Vector128.Create(0.5f)).AsInt32() - Vector128.Create(0x3F000000); // the ulp of 0.5 is 2^-24, that of subnormals
        var half = Vector128.ConditionalSelect(Vector128.LessThan(bits, Vector128.Create(113 << 23)), subnormal, normal) | sign;
        *(long*)p = Vector128.Narrow(half.AsUInt32(), half.AsUInt32()).AsInt64().ToScalar();
    }

    /// <summary>Reads bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloat16(byte* p) =>
        (Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)p).AsInt16()) << 16).AsSingle();

    /// <summary>Writes bfloat16 that lose nothing by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(byte* p, Vector128<float> x)
    {
        var bits = x.AsUInt32() >> 16;
        *(long*)p = Vector128.Narrow(bits, bits).AsInt64().ToScalar();
    }

    /// <summary>Reads bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadBytes(byte* p) => Vector128.Load(p);

    /// <summary>Writes bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* p, Vector128<byte> x) => x.Store(p);

    /// <summary>Four bytes again and again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast4(byte* p) => Vector128.Create(*(int*)p).AsByte();

    /// <summary>The low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowNibbles(Vector128<byte> x) => x & Vector128.Create((byte)15);

    /// <summary>The high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HighNibbles(Vector128<byte> x) => Vector128.ShiftRightLogical(x, 4);

    /// <summary>
    /// Starts a block of products of unsigned codes up to 15 and signed bytes, four to a lane. At most eight steps; what is in the result only
    /// <see cref="NibbleSums"/> knows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> DotNibbles(Vector128<byte> u, Vector128<byte> a) => AddDotBytes(Vector128<int>.Zero, u, a);

    /// <summary>The next step of <see cref="DotNibbles"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddDotNibbles(Vector128<int> sum, Vector128<byte> u, Vector128<byte> a) => AddDotBytes(sum, u, a);

    /// <summary>The sums of a block's products, one a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> NibbleSums(Vector128<int> sum) => sum;

    /// <summary>Sum plus the four products in each lane of unsigned codes up to 255 and signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddDotBytes(Vector128<int> sum, Vector128<byte> u, Vector128<byte> a)
    {
        var code = u.AsInt32();
        var value = a.AsInt32();
        var mask = Vector128.Create(255);
        sum += (code & mask) * Vector128.ShiftRightArithmetic(value << 24, 24);
        sum += (Vector128.ShiftRightLogical(code, 8) & mask) * Vector128.ShiftRightArithmetic(value << 16, 24);
        sum += (Vector128.ShiftRightLogical(code, 16) & mask) * Vector128.ShiftRightArithmetic(value << 8, 24);
        return sum + (Vector128.ShiftRightLogical(code, 24) * Vector128.ShiftRightArithmetic(value, 24));
    }
}
