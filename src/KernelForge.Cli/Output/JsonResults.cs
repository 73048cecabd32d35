using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelForge.Cli.Output;

/// <summary>Answer of <c>kforge generate</c>.</summary>
internal sealed record GeneratedIds(IReadOnlyList<int> Ids);

/// <summary>Answer of <c>kforge tokenize</c>.</summary>
internal sealed record TokenizedText(IReadOnlyList<int> Ids, IReadOnlyList<string> Pieces);

/// <summary>Answer of <c>kforge embed</c>.</summary>
/// <param name="Embeddings">A vector for each text.</param>
/// <param name="Tokens">Tokens of each text.</param>
internal sealed record TextVectors(IReadOnlyList<float[]> Embeddings, IReadOnlyList<int> Tokens);

/// <summary>Answer of <c>kforge eval</c>.</summary>
/// <param name="Perplexity">exp of the mean.</param>
/// <param name="MeanNegativeLogLikelihood">Natural logarithm, over the scored tokens.</param>
/// <param name="Windows">Windows that were measured, from the text's start on.</param>
/// <param name="TextWindows">Windows that the text fills.</param>
/// <param name="Window">Tokens of a window.</param>
/// <param name="ScoredTokens">All tokens of the windows but the first of each.</param>
internal sealed record Evaluation(double Perplexity, double MeanNegativeLogLikelihood, int Windows, int TextWindows, int Window, int ScoredTokens);

/// <summary>Answer of <c>kforge bench</c>; halves that were not measured are left out.</summary>
internal sealed record Measurement
{
    public required string Model { get; init; }

    public required string InstructionSet { get; init; }

    public required int Threads { get; init; }

    public required int Repetitions { get; init; }

    public required int Batch { get; init; }

    public int? PromptTokens { get; init; }

    public double? PrefillTokensPerSecond { get; init; }

    public IReadOnlyList<double>? PrefillSamples { get; init; }

    public int? GeneratedTokens { get; init; }

    public int? Depth { get; init; }

    public double? DecodeTokensPerSecond { get; init; }

    public IReadOnlyList<double>? DecodeSamples { get; init; }

    public required long BytesPerToken { get; init; }

    public long? SessionBytesPerToken { get; init; }

    public double? DecodeGigabytesPerSecond { get; init; }

    public required double RoofGigabytesPerSecond { get; init; }

    public double? ShareOfRoof { get; init; }

    public required long CacheBytes { get; init; }
}

/// <summary>Answer of <c>kforge bench --kernels</c>; a half that was not measured is empty.</summary>
internal sealed record KernelTimes
{
    public required string Model { get; init; }

    public required string InstructionSet { get; init; }

    public required int Threads { get; init; }

    public required double RoofGigabytesPerSecond { get; init; }

    public required IReadOnlyList<KernelTime> Decode { get; init; }

    public required IReadOnlyList<KernelTime> Prefill { get; init; }
}

/// <summary>One step of the plan, over all its calls.</summary>
internal sealed record KernelTime
{
    public required string Kind { get; init; }

    public required string Step { get; init; }

    public required string Kernel { get; init; }

    public required int Calls { get; init; }

    /// <summary>Of a token, mean of the workers.</summary>
    public required double Microseconds { get; init; }

    public double? GigabytesPerSecond { get; init; }

    public double? ShareOfRoof { get; init; }

    public double? GigaOperationsPerSecond { get; init; }
}

/// <summary>How answers are written: camel case, no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GeneratedIds))]
[JsonSerializable(typeof(TokenizedText))]
[JsonSerializable(typeof(TextVectors))]
[JsonSerializable(typeof(Evaluation))]
[JsonSerializable(typeof(Measurement))]
[JsonSerializable(typeof(KernelTimes))]
internal sealed partial class JsonResults : JsonSerializerContext
{
    /// <summary>Prints an answer as one line of JSON.</summary>
    public static void Print<T>(T answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(answer, type));
}
