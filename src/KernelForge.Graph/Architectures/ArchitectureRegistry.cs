using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>The architectures this version knows, by GGUF's names and by those in folders. A new one is a file beside this one and a line in it.</summary>
public static class ArchitectureRegistry
{
    private static readonly SortedDictionary<string, Func<ModelReader, Decoder>> Decoders = new(StringComparer.Ordinal)
    {
        ["chatglm"] = Glm.Describe,
        ["cohere"] = Cohere.Describe,
        ["cohere2"] = Cohere2.Describe,
        ["command-r"] = Cohere.Describe,
        ["deepseek2"] = DeepSeek.DescribeGguf,
        ["deepseek_v2"] = DeepSeek.Describe2,
        ["deepseek_v3"] = DeepSeek.Describe3,
        ["dots1"] = SigmoidMixture.DescribeDots,
        ["ernie4_5"] = Ernie45.Describe,
        ["ernie4_5-moe"] = ErnieMoe.Describe,
        ["ernie4_5_moe"] = ErnieMoe.Describe,
        ["exaone4"] = Exaone4.Describe,
        ["gemma"] = Gemma.Describe,
        ["gemma2"] = Gemma2.Describe,
        ["gemma3"] = Gemma3.Describe,
        ["gemma3_text"] = Gemma3.Describe,
        ["glm"] = Glm.Describe,
        ["glm4"] = Glm4.Describe,
        ["glm4_moe"] = SigmoidMixture.DescribeGlm4,
        ["glm4moe"] = SigmoidMixture.DescribeGlm4,
        ["gpt2"] = Gpt2.Describe,
        ["gpt-oss"] = GptOss.Describe,
        ["gpt_neox"] = GptNeoX.Describe,
        ["gpt_oss"] = GptOss.Describe,
        ["gptneox"] = GptNeoX.Describe,
        ["granite"] = Granite.Describe,
        ["granitemoe"] = GraniteMoe.Describe,
        ["hunyuan-dense"] = HunyuanDense.Describe,
        ["hunyuan-moe"] = HunyuanMoe.Describe,
        ["hunyuan_v1_dense"] = HunyuanDense.Describe,
        ["hunyuan_v1_moe"] = HunyuanMoe.Describe,
        ["lfm2"] = Lfm2.Describe,
        ["llama"] = Llama.Describe,
        ["llama4"] = Llama4.Describe,
        ["llama4_text"] = Llama4.Describe,
        ["minicpm3"] = MiniCpm3.Describe,
        ["mistral"] = Mistral.Describe,
        ["mixtral"] = Mixtral.Describe,
        ["mllama_text_model"] = Mllama.Describe,
        ["olmo2"] = Olmo2.Describe,
        ["olmoe"] = Olmoe.Describe,
        ["phi"] = Phi.Describe,
        ["phi2"] = Phi.Describe,
        ["phi3"] = Phi3.Describe,
        ["phimoe"] = PhiMoe.Describe,
        ["qwen2"] = Qwen2.Describe,
        ["qwen2_moe"] = QwenMoe.Describe2,
        ["qwen2moe"] = QwenMoe.Describe2,
        ["qwen3"] = Qwen3.Describe,
        ["qwen3_moe"] = QwenMoe.Describe3,
        ["qwen3moe"] = QwenMoe.Describe3,
        ["seed_oss"] = SeedOss.Describe,
        ["smollm3"] = SmolLm3.Describe,
        ["stablelm"] = StableLm.Describe,
        ["starcoder2"] = StarCoder2.Describe,
    };

    private static readonly SortedDictionary<string, Encoder> Encoders = new(StringComparer.Ordinal)
    {
        ["bert"] = Bert.Plain,
        ["camembert"] = Bert.Roberta,
        ["distilbert"] = Bert.Distilled,
        ["modernbert"] = ModernBert.Form,
        ["nomic-bert"] = Bert.Nomic,
        ["roberta"] = Bert.Roberta,
        ["xlm-roberta"] = Bert.Roberta,
    };

    /// <summary>Models of several parts, which the graph language does not say.</summary>
    private static readonly SortedDictionary<string, Func<ModelReader, ModelGraph?>> Others = new(StringComparer.Ordinal)
    {
        ["bart"] = Bart.Build,
        ["idefics3"] = ImageText.BuildIdefics,
        ["llava"] = ImageText.BuildLlava,
        ["siglip_vision_model"] = SiglipVision.Build,
        ["smolvlm"] = ImageText.BuildIdefics,
        ["t5"] = T5.Build,
        ["whisper"] = Whisper.Build,
    };

    /// <summary>Names as GGUF and <c>config.json</c> spell them, sorted.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Decoders.Keys.Concat(Encoders.Keys).Concat(Others.Keys).OrderBy(name => name, StringComparer.Ordinal)];

    /// <summary>Builds the graph of a model; null where the reader has noted an error.</summary>
    /// <param name="model">The model.</param>
    /// <param name="declaration">The graph in the graph language; null where that cannot say it.</param>
    internal static ModelGraph? Build(ModelReader model, out GraphDeclaration? declaration)
    {
        declaration = null;
        var name = model.Manifest.Architecture;
        ModelGraph? graph;
        if (Others.TryGetValue(name, out var build))
        {
            graph = build(model);
        }
        else
        {
            var described = Describe(model, name);
            declaration = described?.Declaration;
            graph = described is null ? null : DeclarationBuilder.Build(model, described.Tensors, described.Declaration, out _);
        }

        if (graph is not null)
            model.RefuseUnreadOptions();
        return graph;
    }

    /// <summary>Builds the graph of a decoder inside another model, whose images take the place of some tokens; null where the reader has noted an error.</summary>
    internal static ModelGraph? BuildText(ModelReader model, ImageFeatures images)
    {
        if (Decoders.TryGetValue(model.Manifest.Architecture, out var describe))
            return Decode(model, describe) is { } described ? DeclarationBuilder.Build(model, described.Tensors, described.Declaration, out _, images) : null;
        model.Error(
            ProblemCodes.ArchitectureUnknown,
            $"text_config is of the architecture '{model.Manifest.Architecture}'; this version knows {string.Join(", ", Decoders.Keys)} there. Use a model of one of these.", "text_config.model_type");
        return null;
    }

    /// <summary>What a model's tensors are called, whether or not its hyper-parameters are sound; null where its architecture is not known, or has several parts.</summary>
    internal static DecoderTensors? Tensors(ModelReader model)
    {
        if (Decoders.TryGetValue(model.Manifest.Architecture, out var describe))
            return describe(model).Tensors(model);
        return Encoders.TryGetValue(model.Manifest.Architecture, out var encoder) ? encoder.Tensors(model) : null;
    }

    private static DeclaredModel? Describe(ModelReader model, string name)
    {
        if (Decoders.TryGetValue(name, out var decoder))
            return Decode(model, decoder);
        if (Encoders.TryGetValue(name, out var encoder))
            return Encode(model, encoder);
        var found = name.Length == 0 ? "names no architecture" : $"is of the architecture '{name}'";
        var nearest = Spelling.Nearest(name, Names) is { } near ? $" The nearest name is '{near}'." : string.Empty;
        model.Error(
            ProblemCodes.ArchitectureUnknown,
            $"The model {found}, which is not known.{nearest} These are: {string.Join(", ", Names)}. docs and README say which of them compile.",
            model.IsFolder ? "model_type" : "general.architecture");
        return null;
    }

    private static DeclaredModel? Decode(ModelReader model, Func<ModelReader, Decoder> describe)
    {
        var decoder = describe(model);
        return model.Failed ? null : DecoderDeclaration.Of(model, decoder);
    }

    private static DeclaredModel? Encode(ModelReader model, Encoder encoder)
    {
        var names = encoder.Tensors(model);
        return encoder.Describe(model, names) is { } declaration ? new DeclaredModel(names, declaration) : null;
    }
}
