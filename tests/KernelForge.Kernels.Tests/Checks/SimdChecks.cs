namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Each member of an instruction-set class against plain scalar code.</summary>
internal static class SimdChecks
{
    private static readonly float[] Corners = [0f, -0f, 1f, -1f, 0.5f, 1.5f, 2.5f, -2.5f, 1e-40f, -1e-40f, 3e38f, -3e38f, 126.5f, -127.49f, 1e-7f, 12345.678f];

    public static void Arithmetic(KernelSet kernels)
    {
        using var simd = new SimdProbe(kernels.Simd);
        var random = new Random(31);
        for (var round = 0; round < 50; round++)
        {
            var (a, b, c) = (Numbers(simd, random), Numbers(simd, random), Numbers(simd, random));
            Same(simd, "Add", Pairs(a, b, (x, y) => x + y), a, b);
            Same(simd, "Subtract", Pairs(a, b, (x, y) => x - y), a, b);
            Same(simd, "Multiply", Pairs(a, b, (x, y) => x * y), a, b);
            Same(simd, "Divide", Pairs(a, b.Select(y => y == 0 ? 1 : y), (x, y) => x / y), a, b.Select(y => y == 0 ? 1 : y).ToArray());
            Same(simd, "MultiplyAdd", a.Select((x, i) => MathF.FusedMultiplyAdd(x, b[i], c[i])), a, b, c);
            Same(simd, "Abs", a.Select(MathF.Abs), a);
            Same(simd, "Negate", a.Select(x => -x), a);
            Same(simd, "NegateEven", a.Select((x, i) => i % 2 == 0 ? -x : x), a);
            Same(simd, "DuplicateEven", a.Select((_, i) => a[i & ~1]), a);
            Same(simd, "DuplicateOdd", a.Select((_, i) => a[i | 1]), a);
            Same(simd, "SwapPairs", a.Select((_, i) => a[i ^ 1]), a);
            Same(simd, "SelectLess", a.Select((x, i) => x < b[i] ? c[i] : x), a, b, c, a);
            simd.Floats(simd.Call("Max", simd.Floats(a), simd.Floats(b))).ShouldBe(Pairs(a, b, MathF.Max));
            simd.Floats(simd.Call("Min", simd.Floats(a), simd.Floats(b))).ShouldBe(Pairs(a, b, MathF.Min));
            simd.Call("MaxLanes", simd.Floats(a)).ShouldBe(a.Max());
            simd.Call("SumLanes", simd.Floats(a)).ShouldBe(Tree(a));
        }
    }

    public static void Integers(KernelSet kernels)
    {
        using var simd = new SimdProbe(kernels.Simd);
        var random = new Random(32);
        for (var round = 0; round < 50; round++)
        {
            var x = Enumerable.Range(0, simd.Width).Select(_ => (random.NextSingle() - 0.5f) * 1000).Select(v => random.Next(3) == 0 ? MathF.Floor(v) + 0.5f : v).ToArray();
            var rounded = x.Select(v => (int)MathF.Round(v, MidpointRounding.ToEven)).ToArray();
            simd.Ints(simd.Call("ToInt", simd.Floats(x))).ShouldBe(rounded);
            var other = rounded.Select(_ => random.Next(-1000, 1000)).ToArray();
            simd.Ints(simd.Call("AddInt", simd.Ints(rounded), simd.Ints(other))).ShouldBe(rounded.Zip(other, (a, b) => a + b));
            simd.Ints(simd.Call("SubtractInt", simd.Ints(rounded), simd.Ints(other))).ShouldBe(rounded.Zip(other, (a, b) => a - b));
            simd.Ints(simd.Call("Times16", simd.Ints(rounded))).ShouldBe(rounded.Select(a => 16 * a));
            var wide = rounded.Select(_ => random.Next(4) == 0 ? (random.Next(2) * 4_094) - 2_047 : random.Next(-2_047, 2_048)).ToArray();
            simd.Ints(simd.Call("HighDigits", simd.Ints(wide))).ShouldBe(wide.Select(code => (int)Math.Floor(code / 16.0)));
            simd.Ints(simd.Call("BroadcastInt", -77)).ShouldAllBe(value => value == -77);
            simd.Call("SumIntLanes", simd.Ints(rounded)).ShouldBe(rounded.Sum());
            var powers = rounded.Select(_ => random.Next(-126, 128)).ToArray();
            simd.Floats(simd.Call("PowerOfTwo", simd.Ints(powers))).ShouldBe(powers.Select(n => MathF.ScaleB(1, n)));
            var codes = rounded.Select(_ => random.Next(-127, 128)).ToArray();
            simd.Call("StoreSBytes", simd.Put<byte>(0), simd.Ints(codes));
            simd.Written<sbyte>(simd.Width).ShouldBe(codes.Select(code => (sbyte)code));
            simd.Ints(simd.Call("LoadSBytes", simd.Put(codes.Select(code => (sbyte)code).ToArray()))).ShouldBe(codes);
        }
    }

    public static void Conversions(KernelSet kernels)
    {
        using var simd = new SimdProbe(kernels.Simd);
        var random = new Random(33);
        for (var first = 0; first < 65536; first += 7 * simd.Width)
        {
            var halves = Enumerable.Range(first, simd.Width).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)).Select(h => Half.IsFinite(h) ? h : Half.Zero).ToArray();
            Rows.ShouldEqual(simd.Floats(simd.Call("LoadHalf", simd.Put(halves))), halves.Select(h => (float)h).ToArray(), $"{simd.Name}.LoadHalf");
        }

        for (var round = 0; round < 300; round++)
        {
            var x = Enumerable.Range(0, simd.Width).Select(_ => Corner(random)).ToArray();
            simd.Call("StoreHalf", simd.Put<byte>(0), simd.Floats(x));
            simd.Written<ushort>(simd.Width).ShouldBe(x.Select(v => BitConverter.HalfToUInt16Bits((Half)Math.Clamp(v, -65504f, 65504f))), string.Join(' ', x));
            var bits = x.Select(v => (ushort)(BitConverter.SingleToInt32Bits(v) >> 16)).ToArray();
            Rows.ShouldEqual(
                simd.Floats(simd.Call("LoadBFloat16", simd.Put(bits))), bits.Select(b => BitConverter.Int32BitsToSingle(b << 16)).ToArray(), $"{simd.Name}.LoadBFloat16");
            var whole = bits.Select(b => BitConverter.Int32BitsToSingle(b << 16)).ToArray();
            simd.Call("StoreBFloat16", simd.Put<byte>(0), simd.Floats(whole));
            simd.Written<ushort>(simd.Width).ShouldBe(bits, $"{simd.Name}.StoreBFloat16");
        }
    }

    public static void Memory(KernelSet kernels)
    {
        using var simd = new SimdProbe(kernels.Simd);
        var all = Enumerable.Range(1, simd.Width).Select(i => (float)i).ToArray();
        for (var count = -1; count <= simd.Width + 1; count++)
        {
            simd.Floats(simd.Call("LoadPartial", simd.Put(all), (nint)count)).ShouldBe(all.Select(x => x <= count ? x : 0));
            var vector = simd.Floats(all);
            simd.Call("StorePartial", simd.Put(new float[simd.Width]), vector, (nint)count);
            simd.Written<float>(simd.Width).ShouldBe(all.Select(x => x <= count ? x : 0));
        }

        simd.Floats(simd.Call("Zero")).ShouldAllBe(x => x == 0);
        simd.Floats(simd.Call("Broadcast", 2.5f)).ShouldAllBe(x => x == 2.5f);
        simd.Bytes(simd.Call("Broadcast4", simd.Put<byte>(1, 2, 3, 255))).ShouldBe(Enumerable.Range(0, 4 * simd.Width).Select(i => new byte[] { 1, 2, 3, 255 }[i % 4]));
        simd.Call("Prefetch", simd.Put<byte>(0));
    }

    public static void Products(KernelSet kernels)
    {
        using var simd = new SimdProbe(kernels.Simd);
        var random = new Random(34);
        for (var round = 0; round < 40; round++)
        {
            // The first rounds hold the largest sums there can be, of either sign.
            var codes = Block(simd, () => round < 2 ? (byte)255 : (byte)random.Next(256));
            var a = Block(simd, () => round switch { 0 => (byte)127, 1 => unchecked((byte)-127), _ => unchecked((byte)random.Next(-127, 128)) });
            simd.Bytes(simd.Call("LowNibbles", simd.Bytes(codes[0]))).ShouldBe(codes[0].Select(u => (byte)(u & 15)));
            simd.Bytes(simd.Call("HighNibbles", simd.Bytes(codes[0]))).ShouldBe(codes[0].Select(u => (byte)(u >> 4)));
            var low = codes.Select(step => step.Select(u => (byte)(u & 15)).ToArray()).ToArray();
            var nibbles = simd.Call("DotNibbles", simd.Bytes(low[0]), simd.Bytes(a[0]));
            var bytes = simd.Call("BroadcastInt", -5);
            for (var step = 0; step < 8; step++)
            {
                if (step > 0)
                    nibbles = simd.Call("AddDotNibbles", nibbles!, simd.Bytes(low[step]), simd.Bytes(a[step]));
                bytes = simd.Call("AddDotBytes", bytes!, simd.Bytes(codes[step]), simd.Bytes(a[step]));
            }

            simd.Ints(simd.Call("NibbleSums", nibbles!)).ShouldBe(Sums(simd.Width, low, a, 0));
            simd.Ints(bytes).ShouldBe(Sums(simd.Width, codes, a, -5));
        }
    }

    private static byte[][] Block(SimdProbe simd, Func<byte> next) =>
        Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 4 * simd.Width).Select(_ => next()).ToArray()).ToArray();

    private static int[] Sums(int width, byte[][] codes, byte[][] a, int start) => Enumerable.Range(0, width)
        .Select(lane => start + Enumerable.Range(0, 8).Sum(step => Enumerable.Range(4 * lane, 4).Sum(i => codes[step][i] * (sbyte)a[step][i]))).ToArray();

    private static void Same(SimdProbe simd, string member, IEnumerable<float> expected, params float[][] arguments) =>
        Rows.ShouldEqual(simd.Floats(simd.Call(member, arguments.Select(argument => simd.Floats((IEnumerable<float>)argument)).ToArray())), expected.ToArray(), $"{simd.Name}.{member}");

    private static IEnumerable<float> Pairs(IEnumerable<float> a, IEnumerable<float> b, Func<float, float, float> operation) => a.Zip(b, operation);

    private static float[] Numbers(SimdProbe simd, Random random) =>
        Enumerable.Range(0, simd.Width).Select(_ => random.Next(4) == 0 ? Corners[random.Next(Corners.Length)] : (random.NextSingle() - 0.5f) * 100).ToArray();

    /// <summary>Numbers around what binary16 can hold: ties, subnormals, overflow.</summary>
    private static float Corner(Random random) => random.Next(6) switch
    {
        0 => (random.NextSingle() - 0.5f) * 2e-4f,
        1 => (random.NextSingle() - 0.5f) * 3e5f,
        2 => BitConverter.Int32BitsToSingle((random.Next(100, 145) << 23) | (random.Next(1024) << 13) | 0x1000),
        3 => (random.Next(2048) + 0.5f) * MathF.ScaleB(1, -24),
        4 => Corners[random.Next(Corners.Length)],
        _ => (random.NextSingle() - 0.5f) * 10,
    };

    private static float Tree(float[] lanes)
    {
        var sum = lanes.ToArray();
        for (var half = sum.Length / 2; half >= 1; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
                sum[lane] += sum[lane + half];
        }

        return sum[0];
    }
}
