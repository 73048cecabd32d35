using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Measuring;
using KernelForge.Cli.Output;
using KernelForge.Options;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge eval</c>: perplexity of a text.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var text = new Option<string>("--text") { Description = "The text file, UTF-8.", Required = true };
        var window = NumberOption.Create(512, "Tokens that are seen together.", "--window");
        var windows = NumberOption.Create(PerplexityMeter.LeastWindows, "Only the first so many windows; 0: all that the text fills. Unless given, so many and of small models more.", "--windows");
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        Ranges.Require(window, 2, int.MaxValue);
        Ranges.Require(windows, 0, int.MaxValue);
        var command = new Command("eval", "Measures how well a model predicts a text: perplexity over windows, the first token of each not scored.");
        var arguments = new ModelArguments(command);
        command.Add(text);
        command.Add(window);
        command.Add(windows);
        command.Add(json);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var content = TextFile.Read(parsed.GetRequiredValue(text), "--text");
                using var model = ModelLoader.Load(arguments.Read(parsed), cancellation);
                var status = new StatusLine("evaluating");
                var most = parsed.GetResult(windows) is { Implicit: false } ? parsed.GetValue(windows) : PerplexityMeter.Affordable(model, parsed.GetValue(window));
                var result = PerplexityMeter.Measure(model, content, parsed.GetValue(window), most, status, cancellation);
                status.Clear();
                if (parsed.GetValue(json))
                    JsonResults.Print(result, JsonResults.Default.Evaluation);
                else
                    Console.Out.WriteLine($"perplexity {result.Perplexity:F4} over {result.ScoredTokens:N0} tokens in {result.Windows} of the text's {result.TextWindows} windows of {result.Window}");
                return 0;
            },
            cancellation));
        return command;
    }
}
