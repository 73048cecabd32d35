using KernelForge.Cache;
using KernelForge.Packed;

namespace KernelForge.Runtime;

/// <summary>
/// Fills the one <see cref="ForwardPass"/> of a model and runs it on the team. All memory of a pass is here and is taken once; a lock hands it
/// to one pass at a time, however many sessions there are.
/// </summary>
internal sealed unsafe partial class PassRunner : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ForwardPass _pass;
    private readonly Action<int> _forward;
    private readonly ModelDescription _model;
    private readonly NativeBuffer _rotaries;
    private NativeBuffer? _memory;
    private NativeBuffer? _rowMemory;
    private readonly MachineCode? _machineCode;
    private readonly ExpertCounter? _expertCounter;
    private NativeBuffer? _batchLogits;
    private readonly PackedModel _packed;
    private readonly nint _blocks;
    private bool _disposed;

    public PassRunner(ModelDescription model, PackedModel packed, KeyValueFormat format, int capacity, ModelOptions options, Action<ForwardPass, int> forward)
    {
        (_packed, _model) = (packed, model);
        var weights = packed.Section("weights", out var weightBytes);
        if (weightBytes < model.WeightBytes)
            throw TooShort(packed, "weights", weightBytes, model.WeightBytes);
        _rotaries = new NativeBuffer(model.RotaryPairs.Count * sizeof(float*));
        for (var i = 0; i < model.RotaryPairs.Count; i++)
            ((float**)_rotaries.Pointer)[i] = Rotary(model, packed, i);

        _expertCounter = options.CountExperts ? new ExpertCounter(model.Experts) : null;
        _machineCode = options.UseMachineCode ? model.MapMachineCode?.Invoke() : null;
        _pass = new ForwardPass
        {
            Weights = weights,
            Rotaries = (float**)_rotaries.Pointer,
            LogitStride = LogitStride(model.Vocabulary),
            CacheFormat = (int)format,
            Workers = options.Threads == 0 ? ProcessorTopology.DefaultWorkers() : options.Threads,
            MachineCode = _machineCode?.Address ?? 0,
            HasMatrixUnit = _machineCode is { HasMatrixUnit: true },
            ExpertCounts = _expertCounter is null ? null : _expertCounter.Counts,
        };
        var context = options.Context == 0 ? model.Context : options.Context;
        _blocks = SequenceCache.PagesFor(model.Parts.Select(part => part.Most).Append(context).Max());
        Reserve(capacity);

        // Last: threads that nobody ends would run for ever.
        _pass.Team = new ThreadTeam(_pass.Workers);
        if (options.PinThreads)
            PinOrEnd();
        _forward = worker =>
        {
            if (_pass.HasMatrixUnit)
                SignalStack.Enlarge();
            forward(_pass, worker);
        };
    }

    /// <summary>Most tokens of a pass.</summary>
    public int Capacity { get; private set; }

    public bool UsesMachineCode => _machineCode is not null;

    public ThreadTeam Team => _pass.Team;

    /// <summary>The clock of timed code. To be set before its first pass.</summary>
    public StepClock? Clock
    {
        set => _pass.Clock = value;
    }

    /// <summary>The vocabulary padded to whole tiles.</summary>
    public static nint LogitStride(int vocabulary) => ((nint)vocabulary + 31) & ~31;

    /// <summary>A copy of the counts [layer][expert]; null: nobody counts.</summary>
    public long[][]? ExpertCounts()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(LanguageModel));
            return _expertCounter?.ToArrays();
        }
    }

    /// <summary>Runs the next tokens of a session; does not add them to it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tokens">At most <see cref="Capacity"/>.</param>
    /// <param name="wanted">What the head computes.</param>
    /// <param name="logits">Room for the wanted logits, rows of <see cref="LogitStride"/>.</param>
    /// <returns>The best token after the last one for <see cref="HeadOutput.Best"/>, otherwise -1.</returns>
    /// <exception cref="NonFiniteLogitsException">The logits are no numbers.</exception>
    public int RunSequence(Session session, ReadOnlySpan<int> tokens, HeadOutput wanted, float* logits)
    {
        lock (_lock)
        {
            Begin();
            Add(session, session.Length, tokens);
            if (wanted == HeadOutput.AllLogits)
            {
                for (var row = 0; row < tokens.Length; row++)
                    _pass.LogitRows[_pass.LogitCount++] = row;
            }
            else if (wanted != HeadOutput.None)
            {
                _pass.LogitRows[_pass.LogitCount++] = tokens.Length - 1;
            }
            _pass.Logits = wanted == HeadOutput.Best ? null : logits;
            Execute();
            for (nint row = 0; row < _pass.LogitCount; row++)
                RequireFinite(row, session, tokens, session.Length + _pass.LogitRows[row]);
            return wanted == HeadOutput.Best ? _pass.Best[0].Index : -1;
        }
    }

    /// <summary>Runs one token of each session, all or none of which have read something before; <paramref name="best"/> null asks for logits, which go to the sessions.</summary>
    /// <exception cref="NonFiniteLogitsException">The logits of a session are no numbers.</exception>
    public void RunBatch(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens, Span<int> best)
    {
        lock (_lock)
        {
            Begin();
            for (var i = 0; i < sessions.Length; i++)
            {
                Add(sessions[i], sessions[i].Length, tokens.Slice(i, 1));
                _pass.LogitRows[i] = i;
            }
            _pass.LogitCount = sessions.Length;
            _pass.Logits = best.IsEmpty ? BatchLogits(sessions.Length) : null;
            Execute();
            for (var i = 0; i < sessions.Length; i++)
                RequireFinite(i, sessions[i], tokens.Slice(i, 1), sessions[i].Length);
            for (var i = 0; i < sessions.Length; i++)
            {
                if (best.IsEmpty)
                    new ReadOnlySpan<float>(_pass.Logits + (i * _pass.LogitStride), _model.Vocabulary).CopyTo(sessions[i].LogitsToFill);
                else
                    best[i] = _pass.Best[i].Index;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _pass.Team.Dispose();
            _memory?.Dispose();
            _rowMemory?.Dispose();
            _rotaries.Dispose();
            _texts?.Dispose();
            _expertCounter?.Dispose();
            _machineCode?.Dispose();
            _batchLogits?.Dispose();
        }
    }

    private void PinOrEnd()
    {
        try
        {
            ThreadAffinity.Pin(_pass.Team);
        }
        catch
        {
            _pass.Team.Dispose();
            throw;
        }
    }

    private static nint Align(nint bytes) => (bytes + 63) & ~63;

    private static float* Rotary(ModelDescription model, PackedModel packed, int index)
    {
        var name = $"rotary.{index}";
        var table = packed.Section(name, out var length);
        var wanted = (long)model.Context * model.RotaryPairs[index] * 2 * sizeof(float);
        return length >= wanted ? (float*)table : throw TooShort(packed, name, length, wanted);
    }

    private static PackedFileException TooShort(PackedModel packed, string section, long length, long wanted) =>
        new($"Section '{section}' of '{packed.FilePath}' has {length} bytes, the model needs {wanted}. Build the project again.", packed.FilePath);

    private void Begin()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(LanguageModel));
        _pass.Tokens = 0;
        _pass.SequenceCount = 0;
        _pass.LogitCount = 0;
        _pass.HasKept = false;
    }

    /// <summary>Takes the memory of a pass of so many tokens.</summary>
    private void Reserve(int capacity)
    {
        var wanted = capacity;
        capacity = (capacity + 15) & ~15; // a matrix unit reads whole sixteens of rows
        var rowBytes = (nint)capacity * _model.WorkspaceBytesPerToken;
        var scratchBytes = Align(_model.ScratchBytes) + Align(_blocks * _model.BlockScratchBytes);
        var ids = Align((nint)capacity * sizeof(int));
        var slices = Align((nint)capacity * sizeof(SequenceSlice));
        var memory = new NativeBuffer(rowBytes + (_pass.Workers * scratchBytes));
        var rows = new NativeBuffer((4 * ids) + (3 * slices) + Align((nint)capacity * _pass.Workers * sizeof(ArgMax)));

        // Only now, so that a pass keeps its memory where the system has no more.
        _memory?.Dispose();
        _rowMemory?.Dispose();
        (_memory, _rowMemory, Capacity) = (memory, rows, wanted);
        _pass.Workspace = memory.Pointer;
        _pass.Capacity = capacity;
        _pass.Scratch = memory.Pointer + rowBytes;
        _pass.ScratchBytes = scratchBytes;
        var row = rows.Pointer;
        _pass.TokenIds = (int*)row;
        _pass.Positions = (int*)(row + ids);
        _pass.LogitRows = (int*)(row + (2 * ids));
        _pass.TokenTypes = (int*)(row + (3 * ids));
        _pass.Sequences = (SequenceSlice*)(row + (4 * ids));
        _pass.Keeping = (SequenceSlice*)(row + (4 * ids) + slices);
        _pass.Kept = (SequenceSlice*)(row + (4 * ids) + (2 * slices));
        _pass.Best = (ArgMax*)(row + (4 * ids) + (3 * slices));
    }

    private void Add(Session session, int position, ReadOnlySpan<int> tokens)
    {
        var cache = session.Cache;
        cache.Prepare(position, position + tokens.Length);
        var first = (int)_pass.Tokens;
        for (var i = 0; i < tokens.Length; i++)
        {
            _pass.TokenIds[first + i] = tokens[i];
            _pass.Positions[first + i] = position + i;
        }
        _pass.HasKept = session.Kept is not null;
        if (session.Kept is { } kept)
            _pass.Kept[_pass.SequenceCount] = new SequenceSlice { FirstRow = first, Rows = tokens.Length, Position = session.KeptRows - tokens.Length, Pages = kept.Pages };
        _pass.Sequences[_pass.SequenceCount++] = new SequenceSlice { FirstRow = first, Rows = tokens.Length, Position = position, Pages = cache.Pages };
        _pass.Tokens += tokens.Length;
    }

    private void Execute()
    {
        _packed.CheckUnchanged();

        // A worker without a share of the head leaves its entries as they are.
        for (nint i = 0; _pass.Logits is null && i < _pass.Workers * _pass.LogitCount; i++)
            _pass.Best[i] = new ArgMax { Value = float.NegativeInfinity, Index = int.MaxValue };
        _pass.Team.Run(_forward);
        for (nint row = 0; _pass.Logits is null && row < _pass.LogitCount; row++)
            MergeBest(row);
    }

    /// <summary>Puts the best of all workers where the first worker's is. What is no number stays, whichever worker saw it.</summary>
    private void MergeBest(nint row)
    {
        ref var best = ref _pass.Best[row];
        for (nint worker = 1; worker < _pass.Workers; worker++)
        {
            var other = _pass.Best[(worker * _pass.LogitCount) + row];
            if (other.Index >= 0 && (best.Index < 0 || float.IsNaN(other.Value) || other.Value > best.Value || (other.Value == best.Value && other.Index < best.Index)))
                best = other;
        }
    }

    private float* BatchLogits(int rows)
    {
        var bytes = rows * _pass.LogitStride * sizeof(float);
        if (_batchLogits is null || _batchLogits.Bytes < bytes)
        {
            _batchLogits?.Dispose();
            _batchLogits = null; // it is gone also where there is no memory for the next
            _batchLogits = new NativeBuffer(bytes);
        }
        return (float*)_batchLogits.Pointer;
    }
}

/// <summary>What the head of a pass computes.</summary>
internal enum HeadOutput
{
    /// <summary>Nothing: more of the prompt follows.</summary>
    None,

    /// <summary>The arg-max of the last row.</summary>
    Best,

    /// <summary>The logits of the last row.</summary>
    LastLogits,

    /// <summary>The logits of every row.</summary>
    AllLogits,
}
