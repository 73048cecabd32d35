using static KernelForge.Runtime.Tests.PackedFileWriter;

namespace KernelForge.Runtime.Tests;

/// <summary>
/// A model whose logits are a hash of all tokens so far, which it reads back from the cache pages: whatever goes wrong with pages, positions,
/// chunks or batches changes them.
/// </summary>
internal sealed unsafe class FakeModel : LanguageModel
{
    public const int Tokens = 50;

    private FakeModel(ModelDescription description, ModelOptions options) : base(description, options)
    {
    }

    /// <summary>Called by every worker before it works.</summary>
    public Action<ForwardPass, int>? Before { get; set; }

    /// <summary>A token whose logit is another than it should be.</summary>
    public (int Id, float Logit)? Spoil { get; set; }

    public static FakeModel Load(ScratchFolder folder, ModelOptions? options = null, string planHash = PlanHash, byte[]? tokenizer = null, bool rotary = true, Func<MachineCode?>? machineCode = null)
    {
        var context = 1024;
        var sections = new List<(string, byte[])> { ("weights", new byte[64]) };
        if (rotary)
            sections.Add(("rotary.0", new byte[context * 16 * 2 * 4]));
        if (tokenizer is not null)
            sections.Add(("tokenizer", tokenizer));
        var path = folder.Write($"{Guid.NewGuid():N}.kfw", Build(planHash, [.. sections]));
        var description = Describe("Fake", Tokens, context, planHash) with { RotaryPairs = [16], MapMachineCode = machineCode };
        return new FakeModel(description, (options ?? new()) with { WeightsPath = path, Threads = options?.Threads is > 0 ? options.Threads : 2 });
    }

    /// <summary>The logit that <see cref="Forward"/> gives token <paramref name="id"/> after <paramref name="sequence"/>.</summary>
    public static float Logit(ReadOnlySpan<int> sequence, int id)
    {
        var hash = 14695981039346656037UL;
        foreach (var token in sequence)
            hash = (hash ^ (uint)token) * 1099511628211UL;
        hash = (hash ^ (uint)id) * 1099511628211UL;
        hash ^= hash >> 29;
        hash *= 0xBF58476D1CE4E5B9;
        return (hash >> 40) / (float)(1 << 20);
    }

    public static float[] Expected(ReadOnlySpan<int> sequence)
    {
        var logits = new float[Tokens];
        for (var id = 0; id < Tokens; id++)
            logits[id] = Logit(sequence, id);
        return logits;
    }

    protected override void Forward(ForwardPass pass, int worker)
    {
        Before?.Invoke(pass, worker);
        for (nint row = worker; row < pass.Tokens; row += pass.Workers)
        {
            var position = pass.Positions[row];
            *TokenAt(SequenceOf(pass, row), position) = pass.TokenIds[row] + 1;
        }
        pass.Team.Barrier(worker);
        var tokens = stackalloc int[1024];
        for (nint i = 0; i < pass.LogitCount; i++)
        {
            var row = pass.LogitRows[i];
            var length = pass.Positions[row] + 1;
            var pages = SequenceOf(pass, row);
            for (var p = 0; p < length; p++)
                tokens[p] = *TokenAt(pages, p) - 1;
            for (var id = worker; id < Tokens; id += pass.Workers)
                Put(pass, worker, i, id, Spoil is { } spoil && spoil.Id == id ? spoil.Logit : Logit(new ReadOnlySpan<int>(tokens, length), id));
        }
        pass.Team.Barrier(worker);
    }

    private static void Put(ForwardPass pass, int worker, nint row, int id, float logit)
    {
        if (pass.Logits is not null)
        {
            pass.Logits[(row * pass.LogitStride) + id] = logit;
            return;
        }
        ref var best = ref pass.Best[(worker * pass.LogitCount) + row];
        if (logit > best.Value || float.IsNaN(logit))
            best = new ArgMax { Value = logit, Index = id };
    }

    private static byte** SequenceOf(ForwardPass pass, nint row)
    {
        for (nint i = 0; i < pass.SequenceCount; i++)
        {
            ref var slice = ref pass.Sequences[i];
            if (row >= slice.FirstRow && row < slice.FirstRow + slice.Rows)
                return slice.Pages;
        }
        throw new InvalidOperationException($"Row {row} belongs to no sequence.");
    }

    private static int* TokenAt(byte** pages, int position) => (int*)pages[position / 64] + (position % 64);
}
