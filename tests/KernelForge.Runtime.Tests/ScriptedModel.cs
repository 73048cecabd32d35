using KernelForge.Formats.Gguf;
using KernelForge.Formats.Tokenizers;
using KernelForge.Text;
using static KernelForge.Runtime.Tests.PackedFileWriter;

namespace KernelForge.Runtime.Tests;

/// <summary>A model with SmolLM2's tokenizer and a ChatML template that gives prepared answers, one for each turn, token by token.</summary>
internal sealed unsafe class ScriptedModel : LanguageModel
{
    private static readonly Lazy<byte[]> TokenizerTables = new(() =>
    {
        using var file = GgufFile.Open(Repository.SmolLM2);
        return TokenizerSection.Write(file)!;
    });

    private readonly int _assistant;
    private readonly int _endOfTurn;
    private int[][] _answers = [];

    private ScriptedModel(ModelDescription description, ModelOptions options) : base(description, options)
    {
        _assistant = Tokenizer.Encode("assistant")[^1];
        _endOfTurn = Tokenizer.Find("<|im_end|>"u8);
    }

    /// <summary>Rows that ran through the model since the last look.</summary>
    public int RowsRun { get; set; }

    /// <summary>Called before each pass.</summary>
    public Action<ForwardPass>? Before { get; set; }

    public static ScriptedModel Load(ScratchFolder folder, int context = 1024, ModelOptions? options = null, int longestInput = 0, Func<ModelDescription, ModelDescription>? change = null)
    {
        var path = folder.Write($"{Guid.NewGuid():N}.kfw", Build(PlanHash, ("weights", new byte[64]), ("tokenizer", TokenizerTables.Value)));
        var description = Describe("Scripted", 49152, context);
        if (longestInput > 0)
            description = description with { Parts = [new ModelPart("encoder", "encoder_input_ids", longestInput, 64, 1)], KeptPageBytes = [64, 64, 64] };
        return new ScriptedModel(change?.Invoke(description) ?? description, (options ?? new ModelOptions { Threads = 1 }) with { WeightsPath = path });
    }

    /// <summary>What it says, turn by turn.</summary>
    public void Say(params string[] answers) => _answers = [.. answers.Select(answer => Tokenizer.Encode(answer))];

    /// <summary>The same, token by token.</summary>
    public void Say(params int[][] answers) => _answers = answers;

    protected internal override void RenderChat(ChatWriter output, ChatRequest request)
    {
        foreach (var message in request.Messages)
        {
            output.Write("<|im_start|>" + message.Role + "\n");
            output.Write(TemplateValue.FromOutside(message.Content));
            output.Write("<|im_end|>\n");
        }
        if (request.AddGenerationPrompt)
            output.Write("<|im_start|>assistant\n");
    }

    protected override void Forward(ForwardPass pass, int worker)
    {
        if (worker != 0 || pass.Part != 0)
            return;
        Before?.Invoke(pass);
        RowsRun += (int)pass.Tokens;
        for (nint i = 0; i < pass.SequenceCount; i++)
        {
            var slice = pass.Sequences[i];
            for (var row = slice.FirstRow; row < slice.FirstRow + slice.Rows; row++)
                *At(slice.Pages, pass.Positions[row]) = pass.TokenIds[row];
            for (nint wanted = 0; wanted < pass.LogitCount; wanted++)
            {
                var row = pass.LogitRows[wanted];
                if (row >= slice.FirstRow && row < slice.FirstRow + slice.Rows)
                    Put(pass, wanted, Next(slice.Pages, pass.Positions[row]));
            }
        }
    }

    private static void Put(ForwardPass pass, nint row, int next)
    {
        if (pass.Logits is null)
        {
            pass.Best[row] = new ArgMax { Value = 1, Index = next };
            return;
        }
        var logits = pass.Logits + (row * pass.LogitStride);
        new Span<float>(logits, (int)pass.LogitStride).Clear();
        logits[next] = 100;
    }

    private static int* At(byte** pages, int position) => (int*)pages[position / 64] + (position % 64);

    /// <summary>The answer's token after as many as stand behind the last "assistant" and its line end; the answer is that turn's, or the last.</summary>
    private int Next(byte** pages, int last)
    {
        var start = last;
        while (start >= 0 && *At(pages, start) != _assistant)
            start--;
        var turn = -1;
        for (var position = 0; position <= start; position++)
            turn += *At(pages, position) == _assistant ? 1 : 0;
        var said = last - start - 1;
        var answer = _answers[Math.Clamp(turn, 0, _answers.Length - 1)];
        return said < answer.Length ? answer[said] : _endOfTurn;
    }
}
