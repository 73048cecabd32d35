using System.Reflection;
using KernelForge.Runtime;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>One specialisation of a real template, and a small call of it.</summary>
/// <param name="Template">Class and method.</param>
/// <param name="Constants">As <see cref="SpecializedCode.Constants"/> reads them, in the order of the parameters.</param>
/// <param name="Epilogue">What fills the hole.</param>
/// <param name="Arguments">The other arguments, in memory of the call's own.</param>
internal sealed unsafe record KernelCase(string Template, string Constants, string? Epilogue, Func<KernelMemory, object[]> Arguments)
{
    private const int Tokens = 7;

    public string Name => string.Concat($"{Template}_{Constants}_{Epilogue}".Select(c => char.IsLetterOrDigit(c) ? c : '_'));

    public static IEnumerable<KernelCase> All() => [.. MatrixProducts(), .. Rows(), .. CacheAndAttention(), .. Convolutions()];

    /// <summary>All memory after a call of the specialised method.</summary>
    public byte[] Run(MethodInfo method)
    {
        using var memory = new KernelMemory(seed: 5);
        method.Invoke(null, Boxed(method.GetParameters(), Arguments(memory)));
        return memory.Snapshot();
    }

    /// <summary>All memory after a call of the template as it stands.</summary>
    public byte[] RunTemplate()
    {
        var assembly = typeof(Kernels.KernelTemplateAttribute).Assembly;
        var names = Template.Split('.');
        var method = assembly.GetType("KernelForge.Kernels." + names[0])!.GetMethod(names[1])!;
        if (Epilogue is not null)
        {
            Kernels.Epilogue.Current = assembly.GetType("KernelForge.Kernels." + Epilogue)!.GetMethod("Apply")!.CreateDelegate<Kernels.Epilogue.Matrix>();
        }
        using var memory = new KernelMemory(seed: 5);
        object[] arguments = [.. SpecializedCode.Constants(Constants).Values, .. Arguments(memory)];
        method.Invoke(null, Boxed(method.GetParameters(), arguments));
        return memory.Snapshot();
    }

    private static object[] Boxed(ParameterInfo[] parameters, object[] arguments) => [.. parameters.Zip(arguments, (parameter, argument) => argument switch
    {
        string text when parameter.ParameterType.IsEnum => Enum.Parse(parameter.ParameterType, text),
        string text => Convert.ChangeType(text, parameter.ParameterType, System.Globalization.CultureInfo.InvariantCulture),
        nint address when parameter.ParameterType.IsPointer => Pointer.Box((void*)address, parameter.ParameterType),
        int number when parameter.ParameterType == typeof(nint) => (nint)number,
        _ => argument,
    })];

    private static IEnumerable<KernelCase> MatrixProducts()
    {
        const int units = 65; // more than a segment of 2,048 columns
        foreach (var (layout, bytes, halves) in new[] { ("Int4", 576, 32), ("Int4Minimum", 640, 64), ("Int8", 1088, 32) })
        {
            foreach (var tile in new[] { 1, 4 })
            {
                foreach (var epilogue in new[] { "StoreEpilogue", "ResidualEpilogue", "GateEpilogue", "GateInt8Epilogue", "GateInt12Epilogue", "ActivateEpilogue", "ArgMaxEpilogue", "CappedStoreEpilogue", "CappedArgMaxEpilogue" })
                {
                    var activations = epilogue is "ResidualEpilogue" or "ArgMaxEpilogue" or "CappedStoreEpilogue" ? "Int12" : "Int8";
                    yield return new("MatMulInt.Run", $"layout={layout}, activations={activations}, tokenTile={tile}", epilogue, memory =>
                        [memory.Matrix(4 * units, bytes, halves), 0, 4, units, memory.QuantizedRows(Tokens, 32 * units, activations), KernelMemory.QuantizedStride(32 * units, activations), Tokens, .. Tail(memory, epilogue)]);
                }
                yield return new("MatMulFloat.Run", $"layout={layout}, tokenTile={tile}", "StoreEpilogue", memory =>
                    [memory.Matrix(4 * 2, bytes, halves), 0, 4, 64, memory.Floats(Tokens * 64), 64 * sizeof(float), Tokens, .. Tail(memory, "StoreEpilogue")]);
            }
        }
        foreach (var (layout, size) in new[] { ("Float32", 4), ("Float16", 2), ("BFloat16", 2) })
        {
            yield return new("MatMulFloat.Run", $"layout={layout}, tokenTile=4", "StoreEpilogue", memory =>
                [layout == "Float32" ? memory.Floats(4 * 32 * 64) : memory.Matrix(4 * 64, 32 * size, 32), 0, 4, 50, memory.Floats(Tokens * 64), 256, Tokens, .. Tail(memory, "StoreEpilogue")]);
        }
    }

    private static object[] Tail(KernelMemory memory, string epilogue)
    {
        var arguments = (EpilogueArguments*)memory.Bytes(sizeof(EpilogueArguments));
        arguments->Bias = (float*)memory.Floats(128);
        arguments->Output = (byte*)memory.Floats(Tokens * 128);
        arguments->OutputStride = 512;
        arguments->OutputWidth = epilogue.StartsWith("Gate", StringComparison.Ordinal) ? 60 : 121;
        arguments->Activation = 1;
        arguments->Softcap = 3f;
        arguments->Best = (ArgMax*)memory.Bytes(Tokens * sizeof(ArgMax));
        var scratch = memory.Bytes(KernelScratch.Bytes);
        memory.Forget(scratch);
        memory.Forget((nint)arguments); // holds addresses
        return [scratch, (nint)arguments];
    }

    private static IEnumerable<KernelCase> Rows()
    {
        const int width = 90;
        foreach (var norm in new[] { "Rms", "Layer" })
        {
            yield return new("RowNorm.Store", "norm=" + norm, null, m => [m.Floats(Tokens * 96), 384, m.Floats(96), m.Floats(96), m.Bytes(Tokens * 384), 384, width, 1e-5f, 1, Tokens]);
            yield return new("RowNorm.Heads", "norm=" + norm, null, m => [m.Floats(Tokens * 96), 384, 5, 4, 20, m.Floats(96), m.Floats(96), 20, 1e-5f, 1, Tokens]);
            foreach (var activations in new[] { "Int8", "Int12" })
                yield return new("RowNorm.Quantize", $"norm={norm}, activations={activations}", null, m => [m.Floats(Tokens * 96), 384, m.Floats(96), m.Floats(96), m.Bytes(Tokens * 512), 512, width, 1e-5f, 1, Tokens]);
        }

        foreach (var score in new[] { "Softmax", "Sigmoid", "SoftmaxOfChosen", "SparseMixer" })
            yield return new("Routing.Run", "score=" + score, null, m => [m.Floats(Tokens * 32), 128, m.Floats(32), 24, 3, 4, 2, 2, 1e-20f, 1.5f, 0.2f, m.Bytes(4 * ((6 * 3 * Tokens) + 2)), Tokens, Scratch(m)]);
        foreach (var isWeighted in new[] { "true", "false" })
            yield return new("ExpertSum.Run", "isWeighted=" + isWeighted, null, m => [m.Floats(Tokens * 96), 384, m.Integers([.. new int[Tokens * 2]]), 1, 2, m.Bytes(Tokens * 384), 384, width, 0, 1]);
        foreach (var activations in new[] { "Float", "Int8", "Int12" })
            yield return new("ExpertSum.Weigh", "activations=" + activations, null, m => [m.Floats(Tokens * 96), 384, m.Integers([.. new int[6], .. Enumerable.Repeat(0x3F000000, 6), 3, 1, 0, 2]), 3, 2, m.Bytes(6 * 512), 512, width, 0, 2]);
        yield return new("ExpertSum.Gate", "", null, m => [m.Floats(Tokens * 96), 384, m.Floats(Tokens * 32), 128, m.Bytes(Tokens * 384), 384, width, 1, Tokens]);
        yield return new("RowSum.Add", "", null, m => [m.Floats(Tokens * 96), 384, m.Floats(Tokens * 96), 384, width, 0.5f, 1, Tokens]);
        foreach (var activations in new[] { "Int8", "Int12" })
        {
            yield return new("Quantization.Rows", "activations=" + activations, null, m => [m.Floats(Tokens * 96), 384, m.Bytes(Tokens * 512), 512, width, 1, Tokens]);
        }
        foreach (var (layout, bytes, halves) in new[] { ("Int4", 576, 32), ("Int4Minimum", 640, 64), ("Int8", 1088, 32) })
        {
            yield return new("Embedding.Gather", "layout=" + layout, null, m => [m.Matrix(2 * 3, bytes, halves), width, m.Integers(3, 40, 63), 0, 3, m.Bytes(3 * 384), 384, 1.5f]);
        }
    }

    private static IEnumerable<KernelCase> CacheAndAttention()
    {
        foreach (var format in Enum.GetValues<KeyValueFormat>())
        {
            yield return new("LatentStore.Run", $"format={format}, rank=40, rotated=8", null, m =>
                [m.Sequence(Tokens, 32768), m.Floats(Tokens * 60), 240, 3, 20, m.Floats(Tokens * 40), 160, m.Floats(Tokens * 8), 32, m.Floats(8 * Tokens), 0, m.Bytes(Tokens * 96), 96, Scratch(m), 1, Tokens]);
            yield return new("LatentAttention.Run", $"format={format}, rank=40, rotated=8", null, m =>
                [m.Sequence(Tokens, 32768), 1, m.Floats(Tokens * 120), 480, m.Floats(Tokens * 24), 96, 3, 0.125f, 0, m.Bytes(Tokens * 480), 480, Scratch(m), 0, 1]);
            var unit = (int)CachePages.UnitBytes(64, format);
            foreach (var activations in new[] { "Float", "Int8", "Int12" })
            {
                yield return new("CacheStore.Run", $"format={format}, headSize=64", null, m =>
                    [m.Sequence(Tokens, unit), m.Floats(Tokens * 320), 1280, 0, 192, 256, 3, 1, m.Floats(64 * Tokens), 32, 0, unit, Scratch(m), 0, Tokens]);
                yield return new("Rotation.Heads", "headSize=64", null, m => [m.Sequence(Tokens, unit), m.Floats(Tokens * 320), 1280, 192, 1, m.Floats(64 * Tokens), 30, 0, Tokens]);
                yield return new("Attention.Run", $"format={format}, headSize=64, activations={activations}", null, m =>
                    [m.Sequence(Tokens, unit), 1, m.Floats(Tokens * 192), 768, 0, 3, 1, 0.125f, 20f, 5, 1, 3, m.Floats(3), m.Floats(3 * 131), 65, 0.5f, 2f, 0, unit, m.Bytes(Tokens * 1024), 1024, Scratch(m), 0, 1]);
            }
        }

        foreach (var activations in new[] { "Float", "Int8", "Int12" })
        {
            // Two blocks: one begun by the first of two workers, one that the second has left apart.
            yield return new("AttentionSplit.Join", $"headSize=64, activations={activations}", null, m =>
                [At(m.Sequence(1, 32768), 100), 3, 1, 0, 0, 0, m.Bytes(1024), 1024, m.Floats(2 * (KernelScratch.Bytes + KernelScratch.BlockBytes(3, 64)) / sizeof(float)), KernelScratch.Bytes + KernelScratch.BlockBytes(3, 64), 0, 2]);
        }
    }

    private static IEnumerable<KernelCase> Convolutions()
    {
        foreach (var isHalf in new[] { "true", "false" })
        {
            yield return new("ShortConvolution.Run", "isHalf=" + isHalf, null, m =>
                [m.Sequence(Tokens, 32768), 1, m.Floats(Tokens * 192), 768, 0, 60, 120, 60, m.Floats(4 * 60), 4, m.Floats(60), 0, m.Bytes(Tokens * 256), 256, 0, 64]);
        }

        yield return new("Windows.Gather", string.Empty, null, m => [m.Floats(Tokens * 32), 128, Tokens, m.Bytes(Tokens * 384), 384, 30, 3, 2, 0, (Tokens + 1) / 2]);
    }

    private static unsafe nint At(nint sequence, int position)
    {
        ((SequenceSlice*)sequence)->Position = position;
        return sequence;
    }

    private static nint Scratch(KernelMemory memory)
    {
        var scratch = memory.Bytes(KernelScratch.Bytes);
        memory.Forget(scratch);
        return scratch;
    }
}
