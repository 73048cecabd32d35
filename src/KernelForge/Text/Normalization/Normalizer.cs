using System.Text;

namespace KernelForge.Text;

/// <summary>Runs a model's normalizing steps over a text. Belongs to one thread at a time.</summary>
internal sealed class Normalizer(PipelineStep[] steps)
{
    private ByteBuffer _from = new();
    private ByteBuffer _to = new();
    private long _bytesRead;

    /// <summary>Bytes that the automata have read.</summary>
    public long BytesRead => _bytesRead;

    /// <summary>Whether its memory is worth keeping for the next text.</summary>
    public bool IsSmall => _from.Capacity + _to.Capacity <= 65_536;

    /// <summary>Whether the last text's first character was removed: then Hugging Face no longer counts the text as the first.</summary>
    public bool LostBeginning { get; private set; }

    /// <summary>The normalized text; valid until the next one.</summary>
    public ReadOnlySpan<byte> Run(ReadOnlySpan<byte> text)
    {
        LostBeginning = false;
        foreach (var step in steps)
        {
            if (text.IsEmpty || IsUnchanged(step, text))
                continue;
            _to.Clear();
            Apply(step, text, _to);
            text = _to.Written;
            (_from, _to) = (_to, _from);
        }

        return text;
    }

    /// <summary>Whether a look at the bytes says that a step changes nothing.</summary>
    private static bool IsUnchanged(PipelineStep step, ReadOnlySpan<byte> text) =>
        step.Kind == StepKind.NormalForm && NormalForm.IsCertain((NormalFormKind)step.Options, text);

    private void Apply(PipelineStep step, ReadOnlySpan<byte> text, ByteBuffer output)
    {
        switch (step.Kind)
        {
            case StepKind.NormalForm:
                NormalForm.Normalize((NormalFormKind)step.Options, text, output);
                break;
            case StepKind.Lowercase:
                Lowercase(text, output);
                break;
            case StepKind.Characters:
                LostBeginning |= (CharacterAction)step.Map[Characters.Read(text, 0, out _)] == CharacterAction.Remove;
                ApplyActions(step.Map, text, output);
                break;
            case StepKind.Strip:
                LostBeginning |= (step.Options & 1) != 0 && Characters.IsSpace(Characters.Read(text, 0, out _));
                output.Add(Strip(text, (step.Options & 1) != 0, (step.Options & 2) != 0));
                break;
            case StepKind.Replace:
                Replace(step, text, output);
                break;
            case StepKind.Prepend:
                output.Add(step.Bytes);
                output.Add(text);
                break;
            case StepKind.Charsmap:
                step.Charsmap!.Apply(text, step.Options != 0, output);
                break;
            default:
                throw TokenizerTables.Damaged($"step {step.Kind} does not normalize", 0);
        }
    }

    private static void Lowercase(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var index = 0; index < text.Length;)
        {
            var codePoint = Characters.Read(text, index, out var length);
            index += length;

            // The only character whose lower case is two characters wherever it stands.
            if (codePoint == 0x130)
                output.Add("i\u0307"u8);
            else
                output.Add(bytes[..Rune.ToLowerInvariant(new Rune(codePoint)).EncodeToUtf8(bytes)]);
        }
    }

    private static void ApplyActions(CharacterMap map, ReadOnlySpan<byte> text, ByteBuffer output)
    {
        for (var index = 0; index < text.Length;)
        {
            var action = (CharacterAction)map[Characters.Read(text, index, out var length)];
            if (action is CharacterAction.Space or CharacterAction.Surround)
                output.Add((byte)' ');
            if (action is CharacterAction.Keep or CharacterAction.Surround)
                output.Add(text.Slice(index, length));
            if (action == CharacterAction.Surround)
                output.Add((byte)' ');
            index += length;
        }
    }

    private static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> text, bool left, bool right)
    {
        var start = 0;
        while (left && start < text.Length && Characters.IsSpace(Characters.Read(text, start, out var length)))
            start += length;
        var end = text.Length;
        while (right && end > start && Characters.IsSpace(Characters.ReadBefore(text, end, out var before)))
            end = before;
        return text[start..end];
    }

    private void Replace(PipelineStep step, ReadOnlySpan<byte> text, ByteBuffer output)
    {
        var failures = step.Automaton.MayFallBack ? new ushort[text.Length].AsSpan() : default;
        for (var index = 0; index < text.Length;)
        {
            var end = step.Automaton.Match(text, index, failures, ref _bytesRead);
            if (end >= 0)
                output.Add(step.Bytes);
            if (end > index)
            {
                index = end;
                continue;
            }

            var length = Characters.LengthAt(text, index);
            output.Add(text.Slice(index, length));
            index += length;
        }
    }
}
