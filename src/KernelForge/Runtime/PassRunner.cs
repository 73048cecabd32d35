using KernelForge.Cache;
using KernelForge.Packed;

namespace KernelForge.Runtime;

/// <summary>
/// Fills the one <see cref="ForwardPass"/> of a model and runs it on the team. All memory of a pass is here and is taken once; a lock hands it
/// to one pass at a time, however many sessions there are.
/// </summary>
internal sealed unsafe class PassRunner : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ForwardPass _pass;
    private readonly Action<int> _forward;
    private readonly NativeBuffer _memory;
    private readonly float** _rotaries;
    private readonly int _vocabulary;
    private readonly NativeBuffer _rowMemory;
    private readonly MachineCode? _machineCode;
    private readonly ExpertCounter? _expertCounter;
    private NativeBuffer? _batchLogits;
    private readonly PackedModel _packed;
    private bool _disposed;

    public PassRunner(ModelDescription model, PackedModel packed, KeyValueFormat format, int capacity, ModelOptions options, Action<ForwardPass, int> forward)
    {
        _packed = packed;
        var weights = packed.Section("weights", out var weightBytes);
        if (weightBytes < model.WeightBytes)
            throw TooShort(packed, "weights", weightBytes, model.WeightBytes);
        var workers = options.Threads == 0 ? ProcessorTopology.DefaultWorkers() : options.Threads;
        _vocabulary = model.Vocabulary;
        Capacity = capacity;
        capacity = (capacity + 15) & ~15; // a matrix unit reads whole sixteens of rows
        var rowBytes = (nint)capacity * model.WorkspaceBytesPerToken;
        var scratchBytes = Align(model.ScratchBytes);
        _memory = new NativeBuffer(rowBytes + (workers * scratchBytes));

        var ids = Align((nint)capacity * sizeof(int));
        var slices = Align((nint)capacity * sizeof(SequenceSlice));
        var best = Align((nint)capacity * workers * sizeof(ArgMax));
        var rotaries = Align(model.RotaryPairs.Count * sizeof(float*));
        _rowMemory = new NativeBuffer((3 * ids) + slices + best + rotaries);
        var row = _rowMemory.Pointer;
        _rotaries = (float**)(row + (3 * ids) + slices + best);
        for (var i = 0; i < model.RotaryPairs.Count; i++)
            _rotaries[i] = Rotary(model, packed, i);

        _expertCounter = options.CountExperts ? new ExpertCounter(model.Experts) : null;
        _machineCode = options.UseMachineCode ? model.MapMachineCode?.Invoke() : null;
        _pass = new ForwardPass
        {
            Weights = weights,
            Rotaries = _rotaries,
            Workspace = _memory.Pointer,
            Capacity = capacity,
            TokenIds = (int*)row,
            Positions = (int*)(row + ids),
            LogitRows = (int*)(row + (2 * ids)),
            Sequences = (SequenceSlice*)(row + (3 * ids)),
            Best = (ArgMax*)(row + (3 * ids) + slices),
            LogitStride = LogitStride(model),
            CacheFormat = (int)format,
            Workers = workers,
            Scratch = _memory.Pointer + rowBytes,
            ScratchBytes = scratchBytes,
            MachineCode = _machineCode?.Address ?? 0,
            HasMatrixUnit = _machineCode is { HasMatrixUnit: true },
            ExpertCounts = _expertCounter is null ? null : _expertCounter.Counts,

            // Last: nothing after it can fail, and threads that nobody ends would run for ever.
            Team = new ThreadTeam(workers),
        };
        _forward = worker =>
        {
            if (_pass.HasMatrixUnit)
                SignalStack.Enlarge();
            forward(_pass, worker);
        };
    }

    /// <summary>Most tokens of a pass.</summary>
    public int Capacity { get; }

    public bool UsesMachineCode => _machineCode is not null;

    public ThreadTeam Team => _pass.Team;

    /// <summary>The clock of timed code. To be set before its first pass.</summary>
    public StepClock? Clock
    {
        set => _pass.Clock = value;
    }

    /// <summary>The vocabulary padded to whole tiles.</summary>
    public static nint LogitStride(ModelDescription model) => ((nint)model.Vocabulary + 31) & ~31;

    /// <summary>A copy of the counts [layer][expert]; null: nobody counts.</summary>
    public long[][]? ExpertCounts()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(LanguageModel));
            return _expertCounter?.ToArrays();
        }
    }

    /// <summary>Runs consecutive tokens of one sequence.</summary>
    /// <param name="cache">Its pages.</param>
    /// <param name="position">Position of the first token.</param>
    /// <param name="tokens">At most <see cref="Capacity"/>.</param>
    /// <param name="wanted">What the head computes.</param>
    /// <param name="logits">Room for the wanted logits, rows of <see cref="LogitStride"/>.</param>
    /// <returns>The best token after the last one for <see cref="HeadOutput.Best"/>, otherwise -1.</returns>
    public int RunSequence(SequenceCache cache, int position, ReadOnlySpan<int> tokens, HeadOutput wanted, float* logits)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(LanguageModel));
            _pass.Tokens = 0;
            _pass.SequenceCount = 0;
            _pass.LogitCount = 0;
            Add(cache, position, tokens);
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
            return wanted == HeadOutput.Best ? BestOf(0) : -1;
        }
    }

    /// <summary>Runs one token of each session; <paramref name="best"/> null asks for logits, which go to the sessions.</summary>
    public void RunBatch(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens, Span<int> best)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(LanguageModel));
            _pass.Tokens = 0;
            _pass.SequenceCount = 0;
            _pass.LogitCount = sessions.Length;
            for (var i = 0; i < sessions.Length; i++)
            {
                Add(sessions[i].Cache, sessions[i].Length, tokens.Slice(i, 1));
                _pass.LogitRows[i] = i;
            }
            _pass.Logits = best.IsEmpty ? BatchLogits(sessions.Length) : null;
            Execute();
            for (var i = 0; i < sessions.Length; i++)
            {
                if (best.IsEmpty)
                    new ReadOnlySpan<float>(_pass.Logits + (i * _pass.LogitStride), _vocabulary).CopyTo(sessions[i].LogitsToFill);
                else
                    best[i] = BestOf(i);
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
            _memory.Dispose();
            _rowMemory.Dispose();
            _expertCounter?.Dispose();
            _machineCode?.Dispose();
            _batchLogits?.Dispose();
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

    private void Add(SequenceCache cache, int position, ReadOnlySpan<int> tokens)
    {
        cache.Prepare(position, position + tokens.Length);
        var first = (int)_pass.Tokens;
        for (var i = 0; i < tokens.Length; i++)
        {
            _pass.TokenIds[first + i] = tokens[i];
            _pass.Positions[first + i] = position + i;
        }
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
    }

    private int BestOf(nint row)
    {
        var best = _pass.Best[row];
        for (nint worker = 1; worker < _pass.Workers; worker++)
        {
            var other = _pass.Best[(worker * _pass.LogitCount) + row];
            if (other.Index >= 0 && (best.Index < 0 || other.Value > best.Value || (other.Value == best.Value && other.Index < best.Index)))
                best = other;
        }
        return best.Index;
    }

    private float* BatchLogits(int rows)
    {
        var bytes = rows * _pass.LogitStride * sizeof(float);
        if (_batchLogits is null || _batchLogits.Bytes < bytes)
        {
            _batchLogits?.Dispose();
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
