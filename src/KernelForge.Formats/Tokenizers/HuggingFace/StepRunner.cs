using System.Runtime.InteropServices;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Runs normalizing steps while a tokenizer is packed: added tokens are sought in their normalized form.</summary>
internal sealed unsafe class StepRunner : IDisposable
{
    private readonly List<nint> _memory = [];
    private readonly Normalizer _normalizer;

    public StepRunner(IReadOnlyList<TokenizerStep> steps) => _normalizer = new Normalizer([.. steps.Select(Ready)]);

    public byte[] Run(byte[] text) => _normalizer.Run(text).ToArray();

    public void Dispose() => _memory.ForEach(static memory => NativeMemory.AlignedFree((void*)memory));

    private PipelineStep Ready(TokenizerStep step)
    {
        var memory = NativeMemory.AlignedAlloc((nuint)step.Data.Length + 8, 64);
        _memory.Add((nint)memory);
        step.Data.CopyTo(new Span<byte>(memory, step.Data.Length));
        return new PipelineStep(new StepSlot { Kind = step.Kind, Options = step.Options, Length = (ulong)step.Data.Length }, (byte*)memory);
    }
}
