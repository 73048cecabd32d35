using System.Runtime.InteropServices;
using KernelForge.Generator.MachineCode;
using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests;

/// <summary>Each machine-code kernel that this processor runs equals the scalar contract bit for bit, behind each way of unpacking.</summary>
public sealed unsafe class MachineCodeTests(CompiledKernels compiled) : IClassFixture<CompiledKernels>
{
    public static TheoryData<string, SimdKind> Cases()
    {
        var data = new TheoryData<string, SimdKind>();
        foreach (var feature in Enum.GetNames<MachineFeature>())
        {
            foreach (var kind in new[] { SimdKind.Avx512, SimdKind.Avx2Vnni, SimdKind.Avx2 })
                data.Add(feature, kind);
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void EqualsTheContract(string feature, SimdKind kind)
    {
        Skip.IfNot(KernelSet.IsSupported(kind), $"this processor has no {kind}");
        var random = new Random(7);
        var which = Enum.Parse<MachineFeature>(feature);
        foreach (var layout in new[] { WeightLayout.Int4, WeightLayout.Int4Minimum, WeightLayout.Int8 })
        {
            foreach (var format in Rows.QuantizedFormats.Where(format => MachineKernel.Exists(which, (PackedLayout)(int)layout, format)))
            {
                using var code = Map(which, (PackedLayout)(int)layout, format);
                // The kernels are the same behind each instruction set; only who unpacks differs.
                foreach (var (rows, columns, tokens) in Shapes(random, which).Where((_, i) => kind == SimdKind.Avx512 || i % 4 == 0))
                    Check(compiled.Of(kind), random, which, code, layout, format, rows, columns, tokens);
            }
        }
    }

    [Fact]
    public void TheArgumentsLieWhereTheKernelsReadThem()
    {
        foreach (var field in typeof(MachineTile).GetFields())
        {
            var offset = typeof(TileKernel).GetField(field.Name + "Argument").ShouldNotBeNull(field.Name).GetRawConstantValue();
            offset.ShouldBe(Marshal.OffsetOf<MachineTile>(field.Name).ToInt32(), field.Name);
        }
    }

    [Fact]
    public void WhatTheGeneratorEmbedsIsWhatIsTestedHere()
    {
        foreach (var feature in Enum.GetValues<MachineFeature>())
        {
            foreach (var (layout, format) in Enum.GetValues<PackedLayout>().SelectMany(layout => Enum.GetValues<ActivationFormat>().Select(format => (layout, format))))
            {
                if (MachineKernel.Exists(feature, layout, format))
                    EmbeddedMachineCode.Bytes(MachineKernel.NameOf(feature, layout, format)).ShouldBe(MachineKernel.Assemble(feature, layout, format).Bytes);
            }
        }
    }

    [Fact]
    public void RowsAreAsLongForThePlanAsForTheKernels()
    {
        for (var blocks = 1; blocks < 100; blocks++)
            Quantization.BFloat16Offset(blocks).ShouldBe(PackedLayouts.BFloat16Offset(blocks));
    }

    private static Runtime.MachineCode Map(MachineFeature feature, PackedLayout layout, ActivationFormat format)
    {
        var code = Runtime.MachineCode.Map(MachineKernel.Assemble(feature, layout, format).Bytes);
        Skip.If(code is null, "this processor or system has no AVX-512 VNNI that machine code may use");
        if (feature == MachineFeature.Amx && !code.HasMatrixUnit)
        {
            code.Dispose();
            throw new SkipException("this processor or system has no AMX-BF16");
        }

        return code;
    }

    /// <summary>Every number of tokens up to two tiles, odd shapes, more than one segment of 2,048 columns, and random ones.</summary>
    private static IEnumerable<(int Rows, int Columns, int Tokens)> Shapes(Random random, MachineFeature feature)
    {
        if (feature == MachineFeature.Vnni512Vector)
            return [(32, 32, 1), (97, 96, 1), (33, 2144, 1), (64, 4192, 1), .. Enumerable.Range(0, 12).Select(_ => (random.Next(1, 301), random.Next(1, 301), 1))];
        return
        [
            .. Enumerable.Range(1, 18).Select(tokens => (40, 100, tokens)), (33, 4192, 3), (64, 2144, 17), (96, 200, 133), (64, 33, 260),
            .. Enumerable.Range(0, 6).Select(_ => (random.Next(1, 301), random.Next(1, 301), random.Next(1, 65))),
        ];
    }

    private static void Check(
        KernelSet kernels, Random random, MachineFeature feature, Runtime.MachineCode code, WeightLayout layout, ActivationFormat format, int rows, int columns, int tokens)
    {
        var matrix = new PackedMatrix(random, layout, rows, columns);
        var a = Rows.Random(random, tokens, columns).Select(row => new QuantizedRow(row, format)).ToArray();
        using var buffer = Rows.Quantized(a, columns);
        using var weights = NativeBuffer.Of<byte>(matrix.Pack());
        using var scratch = new NativeBuffer(KernelScratch.Bytes, fill: 0xFF);
        using var output = new NativeBuffer(tokens * Rows.FloatStride(rows));
        var epilogue = new EpilogueArguments { Output = (byte*)output.Address, OutputStride = Rows.FloatStride(rows), OutputWidth = rows };
        var end = weights.Address + (nint)weights.Bytes;
        kernels.Bind("StoreEpilogue");
        if (feature == MachineFeature.Vnni512Vector)
        {
            kernels.Call("MatVecMachine.Run", layout, (int)format, weights.Address, 0, matrix.Tiles, matrix.Units, buffer.Address, scratch.Address,
                (nint)(&epilogue), code.Address, end, weights.Address);
        }
        else
        {
            var values = feature == MachineFeature.Amx ? PackedLayouts.BFloat16Offset(matrix.Units) : 0;
            kernels.Call("MatMulMachine.Run", layout, (int)format, weights.Address, 0, matrix.Tiles, matrix.Units, buffer.Address,
                Rows.QuantizedStride(columns, format), tokens, scratch.Address, (nint)(&epilogue), code.Address, values);
        }

        for (var token = 0; token < tokens; token++)
        {
            var expected = Enumerable.Range(0, rows).Select(row => matrix.Times(row, a[token])).ToArray();
            Rows.ShouldEqual(output.Span<float>(token * Rows.FloatStride(rows), rows), expected, $"{feature} {layout} {rows}x{columns}, {format} token {token} of {tokens}");
        }
    }
}
