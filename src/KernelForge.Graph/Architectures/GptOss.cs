using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// gpt-oss (OpenAI, 2025): a sink in the softmax of every head, every other layer with a window, and experts with biases and a clamped unit, which its
/// folders store transposed, gate and up column by column; quantized ones, as they are published, row by row.
/// </summary>
internal static class GptOss
{
    private const string FirstExperts = "model.layers.0.mlp.experts.gate_up_proj";

    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        // What these say, others say again.
        model.Accept("initial_context_length", "experts_per_token");
        return new Decoder
        {
            FolderTensors = new DecoderTensors { Router = "mlp.router", ExpertGate = "mlp.experts.gate_up_proj", ExpertDown = "mlp.experts.down_proj" },
            GgufTensors = DecoderTensors.Gguf with { FeedForwardNorm = "post_attention_norm" },
            Epsilon = 1e-5,
            HasSinks = true,
            Rotaries = EquatableArray.Create(RotaryKeys.Single with { Default = 150_000, Published = new RotaryScaling.Yarn(32, 4096, 1 + (0.1 * Math.Log(32)), 32, 1, Truncate: false) }),
            Layers = new LayerPattern { Windows = LayerWindows.Of(model, layer => layer % 2 == 0, published: 128, ofFiles: null) },
            Mixture = Mixture.Read(model, RoutingScore.SoftmaxOfChosen, normalizes: false) with
            {
                Form = !model.IsFolder ? ExpertForm.Separate : model.IsQuantized(FirstExperts) ? ExpertForm.Alternating : ExpertForm.TransposedAlternating,
                Clamp = new ClampedUnit(
                    (float)model.Real(new Key(null, "swiglu_alpha"), 1e-6, 1e6, 1.702), (float)model.Real(new Key(null, "swiglu_limit"), 1e-6, 1e6, 7)),
            },
        };
    }
}
