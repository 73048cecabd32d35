using KernelForge.Formats.Safetensors;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Build.Tests;

/// <summary>A scratch project with a model of a few kilobytes, for the tests that are about building.</summary>
internal static class TinyProject
{
    public const string Item = """<KernelForgeModel Include="tiny.gguf" Class="Tiny" />""";

    /// <summary>One instruction set that every machine has: a fifth of the code to compile.</summary>
    public const string Portable = "<KernelForgeInstructionSets>Portable</KernelForgeInstructionSets>";

    private const string Program = """
        using var model = Tiny.Load();
        Console.WriteLine(model.Description.ClassName);
        """;

    public static ScratchProject Create(
        PackedPackage package, string frameworks = "net10.0", string extra = Portable, string folder = "app", string items = Item, string program = Program)
    {
        var project = new ScratchProject(package, items, program, frameworks, extra, folder);
        SaveModel(project, 7);
        return project;
    }

    public static void SaveModel(ScratchProject project, int seed, string name = "tiny.gguf") => RandomModel.Create(seed).Save(project.Root, name);

    /// <summary>A llama of zeros as a folder, without a tokenizer.</summary>
    public static void SaveFolder(ScratchProject project, string name)
    {
        project.Write(name + "/config.json", """
            {"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64, "vocab_size": 32}
            """);
        string[] matrices = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];
        SafetensorsWriter.Write(project.Path(name, "model.safetensors"),
        [
            Zeros("model.embed_tokens", 32, 32), Zeros("model.norm", 32), Zeros("model.layers.0.input_layernorm", 32), Zeros("model.layers.0.post_attention_layernorm", 32),
            .. matrices.Select(matrix => Zeros("model.layers.0." + matrix, 32, 32)),
        ]);

        static (string, long[], float[]) Zeros(string tensor, params long[] shape) => (tensor + ".weight", shape, new float[shape.Aggregate((a, b) => a * b)]);
    }

    /// <summary>Where the packed weights of all frameworks are.</summary>
    public static string Packed(ScratchProject project) => project.Path("obj", "kernelforge", "Release", "Tiny.kfw");
}
