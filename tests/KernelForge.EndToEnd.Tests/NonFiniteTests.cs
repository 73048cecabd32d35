using System.Buffers.Binary;
using KernelForge.Formats.Gguf;
using KernelForge.Plans;
using KernelForge.Reference.RandomModels;
using KernelForge.Reference.Weights;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A weight that is no number, packed by somebody who insists, ends every session in an error that names its layer: whichever way it takes to the logits.</summary>
public sealed class NonFiniteTests : IDisposable
{
    private static readonly ModelShape Shape = new()
    {
        Vocabulary = 150, Width = 96, Hidden = 160, Layers = 3, Heads = 3, KeyValueHeads = 1, HeadSize = 32, RotaryDimension = 32, Context = 128, Window = 0,
        Scaling = RandomScaling.Default, Tied = true, AttentionBias = false, OtherBiases = false, Types = [WeightType.Q4_1],
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-nan-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("blk.1.attn_norm.weight", "Layer 1")]
    public void NamesTheLayer(string tensor, string layer) => Check(tensor, layer, ActivationMode.Int12);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("blk.2.ffn_gate.weight", "Layer 2", ActivationMode.Int12)]
    [InlineData("output_norm.weight", null, ActivationMode.Int8)]
    public void NamesTheLayerWhicheverWeightItIs(string tensor, string? layer, ActivationMode activations) => Check(tensor, layer, activations);

    private void Check(string tensor, string? layer, ActivationMode activations)
    {
        using var compiled = new CompiledModel(Spoil(tensor), activations, allowNonFinite: true, InstructionSets.Selected.ToString());
        int[] tokens = [0, 3, 5, 7, 11];
        foreach (var cache in Enum.GetValues<KeyValueFormat>())
        {
            foreach (var threads in new[] { 1, 3 })
            {
                using var model = compiled.Load(cache, threads, chunk: 2);
                using var session = model.CreateSession();
                var said = $"{tensor}, {activations}, {cache}, {threads} threads";

                Should.Throw<NonFiniteLogitsException>(() => session.PrefillGreedy(tokens), said).Layer.ShouldBe(layer, said);
                using var other = model.CreateSession();
                Should.Throw<NonFiniteLogitsException>(() => other.Prefill(tokens), said).Layer.ShouldBe(layer, said);
                using var third = model.CreateSession();
                Should.Throw<NonFiniteLogitsException>(() => model.DecodeBatchGreedy([third], [0], new int[1]), said).Position.ShouldBe(0, said);
            }
        }
    }

    /// <summary>A model whose tensor begins with NaN; of quantized ones the first scale.</summary>
    private string Spoil(string tensor)
    {
        var path = RandomModel.Create(1, Shape).Save(_directory.FullName, $"{tensor}.gguf");
        var bytes = File.ReadAllBytes(path);
        using (var file = GgufFile.Open(path))
        {
            var found = file.FindTensor(tensor)!;
            if (found.Type.BlockValues == 1)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan((int)found.Offset), float.NaN);
            else
                BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan((int)found.Offset), Half.NaN);
        }
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
