using System.Text.Json;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the <c>normalizer</c> of <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    /// <summary>Its steps. A normalizer <c>ByteLevel</c>, which spells bytes by characters, is no step: byte-level models work on bytes.</summary>
    /// <param name="normalizer">The component, or null.</param>
    /// <param name="isByteLevel">Whether it ends in <c>ByteLevel</c>.</param>
    public static List<TokenizerStep> Read(TokenizerElement? normalizer, out bool isByteLevel)
    {
        var steps = new List<TokenizerStep>();
        isByteLevel = false;
        if (normalizer is { } component)
            Read(component, steps, ref isByteLevel);
        return steps;
    }

    private static void Read(TokenizerElement component, List<TokenizerStep> steps, ref bool isByteLevel)
    {
        if (isByteLevel)
            throw component.NotSupported("a normalizer behind ByteLevel");
        switch (component.Type)
        {
            case "Sequence":
                foreach (var item in component.Require("normalizers").Items())
                    Read(item, steps, ref isByteLevel);
                break;
            case "ByteLevel":
                isByteLevel = true;
                break;
            case "BertNormalizer":
                var lowercase = component.Flag("lowercase", absent: true);
                steps.AddRange(BertSteps.Normalize(component.Flag("clean_text", true), component.Flag("handle_chinese_chars", true), component.Flag("strip_accents", lowercase), lowercase));
                break;
            default:
                steps.Add(Single(component));
                break;
        }
    }

    private static TokenizerStep Single(TokenizerElement component) => component.Type switch
    {
        "NFC" => TokenizerStep.Normal(NormalFormKind.Composed),
        "NFD" => TokenizerStep.Normal(NormalFormKind.Decomposed),
        "NFKC" => TokenizerStep.Normal(NormalFormKind.CompatibilityComposed),
        "NFKD" => TokenizerStep.Normal(NormalFormKind.CompatibilityDecomposed),
        "Lowercase" => TokenizerStep.Lowercase,
        "StripAccents" => TokenizerStep.Remove(UnicodeSets.Require("M")),
        "Strip" => TokenizerStep.Strip(component.Flag("strip_left", true), component.Flag("strip_right", true)),
        "Prepend" => TokenizerStep.Prepend(component.RequiredText("prepend")),
        "Replace" => PatternReader.Compile(component, () => TokenizerStep.Replace(PatternReader.Read(component.Require("pattern")), component.RequiredText("content"))),
        "Precompiled" => TokenizerStep.Charsmap(Charsmap(component.Require("precompiled_charsmap")), longest: false),
        "Nmt" => TokenizerStep.Characters(NmtAction),
        var other => throw component.NotSupported($"the normalizer '{other}'"),
    };

    private static byte[] Charsmap(TokenizerElement text)
    {
        if (text.Value.ValueKind != JsonValueKind.String || !text.Value.TryGetBytesFromBase64(out var bytes))
            throw text.Error("a map of characters in base 64 is expected");
        if (!KernelForge.Text.Charsmap.IsSound(bytes))
            throw text.Error("this map of characters is damaged: it is too short, or leads out of itself");
        return bytes;
    }

    private static CharacterAction NmtAction(int codePoint) => codePoint switch
    {
        (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => CharacterAction.Remove,
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => CharacterAction.Space,
        _ => CharacterAction.Keep,
    };
}
