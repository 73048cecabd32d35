using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>What a generated class knows of its model, handed to <see cref="LanguageModel"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record ModelDescription
{
    /// <summary>Full name of the generated class; its packed file is <c>ClassName.kfw</c>.</summary>
    public required string ClassName { get; init; }

    /// <summary>SHA-256 of the plan, 64 lower-case hexadecimal digits.</summary>
    public required string PlanHash { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Ids that a text may hold, from 0 on; 0: as many as have a logit (<see cref="Vocabulary"/>).</summary>
    public int TokenIds { get; init; }

    /// <summary>Length of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int Context { get; init; }

    /// <summary>Bytes of a cache page of 64 positions, by <see cref="KeyValueFormat"/>.</summary>
    public required IReadOnlyList<long> PageBytes { get; init; }

    /// <summary>How keys and values are stored where the options do not say.</summary>
    public required KeyValueFormat DefaultCache { get; init; }

    /// <summary>Maps the machine code of the kernels; null where the class has none.</summary>
    public Func<MachineCode?>? MapMachineCode { get; init; }

    /// <summary>Bytes of workspace for each row of a pass: the sum over the plan's buffers.</summary>
    public required int WorkspaceBytesPerToken { get; init; }

    /// <summary>Bytes of scratch for each worker.</summary>
    public required int ScratchBytes { get; init; }

    /// <summary>Bytes of scratch for each worker and each 64 positions of the context besides.</summary>
    public int BlockScratchBytes { get; init; }

    /// <summary>Bytes of the weight section.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of weights that decoding one token reads.</summary>
    public required long BytesPerToken { get; init; }

    /// <summary>Rotated pairs of each rotary table: the section <c>rotary.N</c> holds [<see cref="Context"/>, pairs, 2] float32.</summary>
    public required IReadOnlyList<int> RotaryPairs { get; init; }

    /// <summary>Experts of each layer, 0 where it has none; empty where no layer has.</summary>
    public IReadOnlyList<int> Experts { get; init; } = [];

    /// <summary>What an encoder gives, in the order of <see cref="ForwardPass.Outputs"/>; empty for a decoder.</summary>
    public IReadOnlyList<ModelOutput> Outputs { get; init; } = [];

    /// <summary>Types of tokens that an encoder knows; 0 where it has none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>How an encoder's authors make a text's vector; <see cref="Pooling.Default"/> where they do not say.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Whether they give it the length 1.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>The images that the model reads; null: it reads tokens.</summary>
    public ImageShape? Image { get; init; }

    /// <summary>Bytes of a page of what is kept of 64 rows for other rows, by <see cref="KeyValueFormat"/>; empty where nothing is.</summary>
    public IReadOnlyList<long> KeptPageBytes { get; init; } = [];

    /// <summary>Parts that read something before the model writes; what it reads of them is kept.</summary>
    public IReadOnlyList<ModelPart> Parts { get; init; } = [];

    /// <summary>The place of an output among <see cref="Outputs"/>, or -1.</summary>
    internal int OutputOf(string name)
    {
        for (var i = 0; i < Outputs.Count; i++)
        {
            if (Outputs[i].Name == name)
                return i;
        }

        return -1;
    }
}

/// <summary>A part that reads something before the model writes.</summary>
/// <param name="Name">E.g. <c>encoder</c>.</param>
/// <param name="Input">What it reads, as its authors call it.</param>
/// <param name="Most">Rows at most.</param>
/// <param name="PageBytes">Bytes of keys and values of 64 rows in one layer; 0: its rows do not see each other.</param>
/// <param name="Outputs">Number of its outputs.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record ModelPart(string Name, string Input, int Most, long PageBytes, int Outputs)
{
    /// <summary>Values of a row that it reads; 0: it reads token ids, or hears a sound.</summary>
    public int Width { get; init; }

    /// <summary>The sounds that it hears; null: it reads something else.</summary>
    public SoundShape? Sound { get; init; }

    /// <summary>Whether the model writes also where this has read nothing.</summary>
    public bool IsOptional { get; init; }
}

/// <summary>A value that an encoder gives.</summary>
/// <param name="Name">As its authors call it, e.g. <c>last_hidden_state</c>.</param>
/// <param name="Width">Values of a row.</param>
/// <param name="IsPooled">One row for each text; otherwise one for each token.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record ModelOutput(string Name, int Width, bool IsPooled);
