using System.Text.RegularExpressions;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>The whole reference set of malformed models: each is refused with words that a person can use, or loads, within bounds of time and memory.</summary>
[Collection("kforge")]
[Trait("Category", "Long")]
public sealed partial class HostileSetTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [SkippableTheory]
    [InlineData("gguf", 175)]
    [InlineData("safetensors", 62)]
    [InlineData("model_dir", 44)]
    public void Every_malformed_model_is_refused_and_every_valid_one_loads(string format, int count)
    {
        var set = Repository.Golden("hostile");
        var cases = HostileCase.ReadAll(set).Where(hostile => hostile.Format == format).ToList();
        cases.Count.ShouldBeGreaterThanOrEqualTo(count);
        var wrong = cases.Select(hostile => (hostile.File, Problem: Judge(hostile, hostile.Place(set, _scratch)))).Where(result => result.Problem is not null).ToList();
        wrong.ShouldBeEmpty();
    }

    public void Dispose() => _scratch.Dispose();

    private static string? Judge(HostileCase hostile, string path)
    {
        var (refusal, fault) = Inspection.Of(path);
        return (hostile.Expected, refusal) switch
        {
            _ when fault is not null => fault,
            ("ok", not null) => $"{hostile.Defect}: valid, and refused: {refusal}",
            ("error", null) => $"{hostile.Defect}: accepted",
            ("error", _) when !Place().IsMatch(refusal!) => $"{hostile.Defect}: the message names no key, tensor or offset: {refusal}",
            _ => null,
        };
    }

    // 'key', or an offset; a file that is missing or empty as a whole has neither.
    [GeneratedRegex(@"\(('.+'|offset [\d,]+)|no such file|neither model.safetensors nor|not valid JSON", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Place();
}
