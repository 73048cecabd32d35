namespace KernelForge.Text;

/// <summary>A step of the section, ready to run: its data checked, its automaton or map found.</summary>
internal sealed unsafe class PipelineStep
{
    private readonly byte* _bytes;
    private readonly int _length;
    private readonly Automaton? _automaton;

    public PipelineStep(StepSlot slot, byte* data)
    {
        Kind = slot.Kind;
        Options = slot.Options;
        _bytes = data;
        _length = (int)Math.Min(slot.Length, int.MaxValue);
        switch (Kind)
        {
            case StepKind.Characters:
                var blocks = slot.Length < sizeof(ulong) ? ulong.MaxValue : *(ulong*)data;
                if (blocks > TokenizerLayout.BlockCount || CharacterMap.Size((uint)blocks) > slot.Length - sizeof(ulong))
                    throw TokenizerTables.Damaged("a character map does not fit its step", 0);
                Map = new CharacterMap(data + sizeof(ulong), (uint)blocks);
                break;
            case StepKind.Replace:
                var length = slot.Length < sizeof(ulong) ? ulong.MaxValue : *(ulong*)data;
                var end = length > slot.Length ? ulong.MaxValue : (sizeof(ulong) + length + 7) & ~7ul;
                if (end > slot.Length)
                    throw TokenizerTables.Damaged("a replacement does not fit its step", 0);
                _bytes = data + sizeof(ulong);
                _length = (int)length;
                _automaton = new Automaton(data + end, slot.Length - end);
                break;
            case StepKind.Split:
                _automaton = new Automaton(data, slot.Length);
                break;
            case StepKind.Charsmap:
                Charsmap = new Charsmap(data, slot.Length);
                break;
            case StepKind.NormalForm or StepKind.Lowercase or StepKind.Strip or StepKind.Prepend or StepKind.Prefix or StepKind.Spaces or StepKind.DigitGroups:
                break;
            default:
                throw TokenizerTables.Damaged($"it asks for step {(uint)Kind}, which this version does not have", 0);
        }
    }

    public StepKind Kind { get; }

    public uint Options { get; }

    public CharacterMap Map { get; }

    public Charsmap? Charsmap { get; }

    /// <summary>The automaton of a step that has one.</summary>
    public Automaton Automaton => _automaton ?? throw new InvalidOperationException($"Step {Kind} has no automaton.");

    /// <summary>The bytes that are put into the text.</summary>
    public ReadOnlySpan<byte> Bytes => new(_bytes, _length);

    /// <summary>Steps <paramref name="first"/> to <paramref name="end"/> of a section.</summary>
    public static PipelineStep[] Read(TokenizerTables tables, int first, int end)
    {
        var steps = new PipelineStep[end - first];
        for (var i = 0; i < steps.Length; i++)
        {
            var slot = tables.Step(first + i, out var data);
            steps[i] = new PipelineStep(slot, data);
        }

        return steps;
    }
}
