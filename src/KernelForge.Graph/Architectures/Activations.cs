using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>The feed-forward's activation: folders name it, GGUF leaves it to the architecture.</summary>
internal static class Activations
{
    private static readonly Key Name = new(null, "hidden_activation", "hidden_act", "activation_function");

    public static Activation Read(ModelReader model, Activation ofArchitecture)
    {
        return model.IsFolder && model.Text(Name) is { } name ? Of(model, model.Name(Name), name, ofArchitecture) : ofArchitecture;
    }

    /// <summary>The activation that an option names.</summary>
    public static Activation Of(ModelReader model, string option, string name, Activation harmless)
    {
        switch (name)
        {
            case "silu" or "swish":
                return Activation.Silu;
            case "gelu" or "gelu_python":
                return Activation.Gelu;
            case "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate":
                return Activation.GeluTanh;
            case "quick_gelu":
                return Activation.QuickGelu;
            case "relu":
                return Activation.Relu;
            case "relu2":
                return Activation.SquaredRelu;
            default:
                model.Error(
                    ProblemCodes.FeatureUnsupported,
                    $"{option} is '{name}'; this version knows silu, gelu, gelu_new, gelu_pytorch_tanh, quick_gelu, relu and relu2.", option);
                return harmless;
        }
    }
}
