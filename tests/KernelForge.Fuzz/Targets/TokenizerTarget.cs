using System.Text;
using System.Text.Json.Nodes;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Tokenizers;
using KernelForge.Fuzz.Mutation;
using KernelForge.Text;

namespace KernelForge.Fuzz.Targets;

/// <summary>Vocabularies: <c>tokenizer.json</c>, and the tokenizer keys of GGUF files, whose section is built and put to work.</summary>
internal sealed unsafe class TokenizerTarget : FuzzTarget
{
    private const long Vocabulary = 64;
    private const string Sample = "ab cd\n12 <|end|> \u00e9\U0001F600 !";

    private static readonly string[] Behaviors = ["Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"];

    private readonly string _folder;
    private readonly List<(byte[] Sound, List<JsonDefect> Defects)> _json;

    public TokenizerTarget(string folder, string corpus)
    {
        _folder = folder;
        _json = [.. Directory.EnumerateFiles(Path.Combine(corpus, "tokenizer"), "*.json").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Select(bytes => (bytes, JsonDefects.All(bytes)))];
    }

    public override string Name => "tokenizer";

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        if (random.Next(2) == 0)
            return SmallModels.Spoil(random, key => key.StartsWith("tokenizer.", StringComparison.Ordinal));
        var (sound, defects) = Pick(random, _json);
        if (random.Next(4) == 0)
            return WithExpression(random);
        var bytes = Pick(random, defects).ApplyTo(sound);
        return random.Next(3) == 0 ? ByteMutator.Mutate(random, bytes) : bytes;
    }

    public override void Run(byte[] input)
    {
        if (!input.AsSpan().StartsWith("GGUF"u8))
        {
            File.WriteAllBytes(Path.Combine(_folder, "tokenizer.json"), input);
            TokenizerJsonCheck.Check(_folder, Vocabulary);
            Use(TokenizerSection.WriteFolder(_folder));
            return;
        }

        var path = Path.Combine(_folder, "tokenizer.gguf");
        File.WriteAllBytes(path, input);
        using var file = GgufFile.Open(path);
        Use(TokenizerSection.Write(file));
    }

    private static byte[] WithExpression(Random random)
    {
        var pattern = new JsonObject { ["Regex"] = ExpressionGenerator.Next(random) };
        var split = new JsonObject { ["type"] = "Split", ["pattern"] = pattern, ["behavior"] = Pick(random, Behaviors), ["invert"] = random.Next(2) == 0 };
        var replace = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = ExpressionGenerator.Next(random) }, ["content"] = "a" };
        var model = new JsonObject { ["type"] = "BPE", ["vocab"] = new JsonObject { ["a"] = 0, ["b"] = 1 }, ["merges"] = new JsonArray() };
        var tokenizer = new JsonObject { ["model"] = model, ["pre_tokenizer"] = split, ["normalizer"] = random.Next(3) == 0 ? replace : null };
        return Encoding.UTF8.GetBytes(tokenizer.ToJsonString());
    }

    private static void Use(byte[]? section)
    {
        if (section is null)
            return;
        fixed (byte* first = section)
        {
            var tokenizer = new Tokenizer(first, section.Length);
            var tokens = new TokenBuffer();
            tokenizer.Encode(Sample, tokens, parseSpecial: true);
            foreach (var id in tokens.Ids)
                tokenizer.GetBytes(id);
        }
    }
}
