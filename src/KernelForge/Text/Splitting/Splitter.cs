namespace KernelForge.Text;

/// <summary>
/// Cuts a normalized text into words: each step cuts the pieces of the step before it. Nothing is copied but where a step changes a piece.
/// Belongs to one thread at a time.
/// </summary>
internal sealed class Splitter(PipelineStep[] steps, WordModel model)
{
    private readonly ByteBuffer[] _changed = Array.ConvertAll(steps, static _ => new ByteBuffer());
    private readonly ushort[][] _failures = Array.ConvertAll(steps, static _ => Array.Empty<ushort>());
    private long _bytesRead;

    /// <summary>Bytes that the automata have read.</summary>
    public long BytesRead => _bytesRead;

    /// <summary>Whether its memory is worth keeping for the next text.</summary>
    public bool IsSmall => _changed.Sum(static buffer => buffer.Capacity) + _failures.Sum(static failures => failures.Length) <= 65_536;

    /// <summary>Appends the tokens of a piece.</summary>
    /// <param name="piece">A piece of normalized text.</param>
    /// <param name="isFirst">Whether it begins the whole text.</param>
    /// <param name="tokens">Where they go.</param>
    public void Append(ReadOnlySpan<byte> piece, bool isFirst, TokenBuffer tokens) => Run(0, piece, isFirst, tokens);

    private void Run(int stage, ReadOnlySpan<byte> piece, bool isFirst, TokenBuffer tokens)
    {
        if (piece.IsEmpty)
            return;
        if (stage == steps.Length)
        {
            model.Append(piece, tokens);
            return;
        }

        var step = steps[stage];
        switch (step.Kind)
        {
            case StepKind.Split:
                Split(stage, piece, isFirst, tokens);
                break;
            case StepKind.Prefix when piece.StartsWith(step.Bytes) || ((PrefixScheme)step.Options == PrefixScheme.First && !isFirst):
                Run(stage + 1, piece, isFirst, tokens);
                break;
            case StepKind.Prefix:
                var prefixed = _changed[stage];
                prefixed.Clear();
                prefixed.Add(step.Bytes);
                prefixed.Add(piece);
                Run(stage + 1, prefixed.Written, isFirst, tokens);
                break;
            case StepKind.Spaces:
                Run(stage + 1, ReplaceSpaces(piece, step.Bytes, _changed[stage]), isFirst, tokens);
                break;
            case StepKind.DigitGroups:
                CutDigits(stage, piece, isFirst, tokens);
                break;
            default:
                throw TokenizerTables.Damaged($"step {step.Kind} does not cut words", 0);
        }
    }

    private static ReadOnlySpan<byte> ReplaceSpaces(ReadOnlySpan<byte> piece, ReadOnlySpan<byte> replacement, ByteBuffer buffer)
    {
        buffer.Clear();
        for (var space = piece.IndexOf((byte)' '); space >= 0; space = piece.IndexOf((byte)' '))
        {
            buffer.Add(piece[..space]);
            buffer.Add(replacement);
            piece = piece[(space + 1)..];
        }

        buffer.Add(piece);
        return buffer.Written;
    }

    private void Split(int stage, ReadOnlySpan<byte> piece, bool isFirst, TokenBuffer tokens)
    {
        var step = steps[stage];
        var automaton = step.Automaton;
        var failures = automaton.MayFallBack ? CleanFailures(stage, piece.Length) : default;
        var inverted = step.Options >> 8 != 0;
        var cut = new Cut((SplitBehavior)(step.Options & 0xFF));
        var done = 0;
        for (var search = 0; search < piece.Length;)
        {
            var end = automaton.Match(piece, search, failures, ref _bytesRead);
            if (end < 0)
            {
                search += automaton.IsOverBytes ? 1 : Characters.LengthAt(piece, search);
                continue;
            }

            if (search > done && cut.Add(done, search, inverted, out var before))
                RunCut(stage, piece, before, isFirst, tokens);
            if (cut.Add(search, end, !inverted, out var match))
                RunCut(stage, piece, match, isFirst, tokens);
            done = end;
            search = end > search ? end : search + (automaton.IsOverBytes ? 1 : Characters.LengthAt(piece, search));
        }

        if (done < piece.Length && cut.Add(done, piece.Length, inverted, out var rest))
            RunCut(stage, piece, rest, isFirst, tokens);
        RunCut(stage, piece, cut.Last, isFirst, tokens);
    }

    private void RunCut(int stage, ReadOnlySpan<byte> piece, TextRange range, bool isFirst, TokenBuffer tokens) =>
        Run(stage + 1, piece[range.Start..range.End], isFirst && range.Start == 0, tokens);

    private Span<ushort> CleanFailures(int stage, int length)
    {
        if (_failures[stage].Length < length)
            _failures[stage] = new ushort[Math.Max(length, 256)];
        var failures = _failures[stage].AsSpan(0, length);
        failures.Clear();
        return failures;
    }

    /// <summary>Cuts before every digit that has a multiple of three digits from itself to the end of its run.</summary>
    private void CutDigits(int stage, ReadOnlySpan<byte> piece, bool isFirst, TokenBuffer tokens)
    {
        var done = 0;
        for (var index = 0; index < piece.Length;)
        {
            var count = 0;
            for (var end = index; end < piece.Length && IsDigit(piece, end, out var length); end += length)
                count++;
            for (; count > 0; count--)
            {
                if (count % 3 == 0 && index > done)
                {
                    RunCut(stage, piece, new TextRange(done, index), isFirst, tokens);
                    done = index;
                }

                index += Characters.LengthAt(piece, index);
            }

            if (index < piece.Length)
                index += Characters.LengthAt(piece, index);
        }

        RunCut(stage, piece, new TextRange(done, piece.Length), isFirst, tokens);
    }

    private static bool IsDigit(ReadOnlySpan<byte> piece, int index, out int length) =>
        System.Text.Rune.GetUnicodeCategory(new System.Text.Rune(Characters.Read(piece, index, out length))) == System.Globalization.UnicodeCategory.DecimalDigitNumber;

    /// <summary>Joins matches and what lies between them into pieces.</summary>
    private struct Cut(SplitBehavior behavior)
    {
        private TextRange _pending;
        private bool _pendingMatches;

        /// <summary>What is left when the text has ended.</summary>
        public readonly TextRange Last => _pending;

        /// <summary>Adds the next stretch of the text; true when a piece before it, or the stretch itself, is complete.</summary>
        public bool Add(int start, int end, bool matches, out TextRange complete)
        {
            complete = new TextRange(start, end);
            switch (behavior)
            {
                case SplitBehavior.Removed:
                    return !matches;
                case SplitBehavior.MergedWithPrevious when matches && !_pendingMatches:
                case SplitBehavior.Contiguous when matches == _pendingMatches:
                    _pending = _pending.End == start ? new TextRange(_pending.Start, end) : complete;
                    _pendingMatches = matches;
                    return false;
                case SplitBehavior.MergedWithNext when !matches:
                    complete = _pendingMatches ? new TextRange(_pending.Start, end) : complete;
                    (_pending, _pendingMatches) = (default, false);
                    return true;
                case SplitBehavior.MergedWithPrevious or SplitBehavior.MergedWithNext or SplitBehavior.Contiguous:
                    (complete, _pending) = (_pending, complete);
                    _pendingMatches = matches;
                    return complete.End > complete.Start;
                default:
                    return true;
            }
        }
    }
}
