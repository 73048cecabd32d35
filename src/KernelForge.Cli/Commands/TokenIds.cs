using System.CommandLine;
using System.Globalization;
using KernelForge.Graphs;

namespace KernelForge.Cli.Commands;

/// <summary>The option <c>--ids 5,6,7</c>.</summary>
internal static class TokenIds
{
    public static Option<string> Create(bool required = true) => new("--ids") { Description = "Token ids with commas between.", Required = required };

    /// <summary>The ids.</summary>
    /// <exception cref="UserException">The text is no list of ids.</exception>
    public static int[] Parse(string text, string option = "--ids")
    {
        var ids = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length == 0)
            throw new UserException($"{option} needs at least one token id, for example {option} 5,6,7.");
        return Array.ConvertAll(ids, id => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new UserException($"'{id}' is no token id. Write ids with commas between, for example {option} 5,6,7."));
    }

    /// <summary>Refuses a model without its ids, and ids where it reads none.</summary>
    /// <exception cref="UserException">They are missing, or of no use.</exception>
    public static void Require(IReadOnlyList<int> ids, ModelGraph graph)
    {
        if (graph.Input is GraphInput.Tokens && ids.Count == 0)
            throw new UserException("Give the tokens with --ids, for example --ids 5,6,7.");
        if (graph.Input is not GraphInput.Tokens && ids.Count > 0)
            throw new UserException($"--ids is of no use: a model of the architecture {graph.Architecture} reads no tokens.");
    }

    /// <summary>Refuses ids that a graph has no embedding for.</summary>
    /// <exception cref="UserException">One of them is too large.</exception>
    public static void Check(IEnumerable<int> ids, ModelGraph graph)
    {
        var count = graph.Nodes.OfType<EmbeddingNode>().Min(embedding => embedding.Table.Rows);
        foreach (var id in ids.Where(id => id >= count))
            throw new UserException($"Token {id} is not in the vocabulary: ids go from 0 to {count - 1}.");
    }
}
