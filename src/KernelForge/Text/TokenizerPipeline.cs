namespace KernelForge.Text;

/// <summary>What a section says of the way from text to tokens; immutable.</summary>
internal sealed class TokenizerPipeline
{
    public TokenizerPipeline(TokenizerTables tables)
    {
        var (normalizers, steps) = ((int)tables.Header.Normalizers, (int)(tables.Header.Normalizers + tables.Header.Splits));
        Tables = tables;
        Normalizers = PipelineStep.Read(tables, 0, normalizers);
        Splits = PipelineStep.Read(tables, normalizers, steps);
        var specials = (int)tables.Header.Specials;
        Specials = new SpecialTokens(tables, 0, specials);
        NormalizedSpecials = new SpecialTokens(tables, specials, specials + (int)tables.Header.NormalizedSpecials);
    }

    /// <summary>The mapped tables.</summary>
    public TokenizerTables Tables { get; }

    /// <summary>Special tokens that are found in the text as it comes.</summary>
    public SpecialTokens Specials { get; }

    /// <summary>Special tokens that are found in normalized text.</summary>
    public SpecialTokens NormalizedSpecials { get; }

    /// <summary>What normalizes a text.</summary>
    public PipelineStep[] Normalizers { get; }

    /// <summary>What cuts it into words.</summary>
    public PipelineStep[] Splits { get; }
}
