using System.Text.Json;

namespace KernelForge.Cli.Tests;

/// <summary>Bad input: a clear message on standard error, a non-zero exit code, no stack trace.</summary>
[Collection("kforge")]
public class BadInputTests(Kforge kforge)
{
    [Theory]
    [InlineData("inspect", "no-such.gguf")]
    [InlineData("describe", "no-such.gguf")]
    [InlineData("verify", "no-such.kfw")]
    [InlineData("no-such-command")]
    [InlineData("inspect", "x.gguf", "--no-such-option")]
    [InlineData("generate", "x.gguf", "--ids", "1", "--max-tokens", "0")]
    [InlineData("run", "x.gguf", "-p", "a", "--kv", "f8")]
    [InlineData("bench", "x.gguf", "-p", "0", "-n", "0")]
    public void Command_lines_that_cannot_be_run_are_refused(params string[] args) => ShouldBeRefused(args);

    [Theory]
    [InlineData("--top-p must be", "--top-p", "2")]
    [InlineData("--temperature needs a number, not 'abc'", "--temperature", "abc")]
    [InlineData("--threads must be from 0", "--threads", "-1")]
    [InlineData("--kv knows f16, int8 and f32, not 'f8'", "--kv", "f8")]
    [InlineData("'--no-such' is not known to kforge run", "--no-such")]
    public void What_is_wrong_with_an_option_is_said_in_its_own_name(string message, params string[] options)
    {
        var error = ShouldBeRefused(["run", "x.gguf", "-p", "a", .. options]);
        error.ShouldContain(message);
        error.TrimEnd().ShouldNotContain("\n");
        error.ShouldNotContain("System.");
    }

    [Fact]
    public void A_text_that_cannot_be_read_is_named()
    {
        var model = kforge.Model("text.gguf");
        File.WriteAllBytes(kforge["bad.txt"], [97, 0xFF]);
        ShouldBeRefused("eval", model, "--text", kforge["none.txt"]).ShouldContain("no such file");
        ShouldBeRefused("eval", model, "--text", kforge.Folder).ShouldContain("folder");
        ShouldBeRefused("eval", model, "--text", kforge["bad.txt"]).ShouldContain("not valid UTF-8");
    }

    [Theory]
    [InlineData("5,x", "'x' is no token id")]
    [InlineData("", "at least one")]
    [InlineData("100000", "not in the vocabulary")]
    public void Ids_that_are_none_are_refused(string ids, string message)
    {
        var model = kforge.Model("ids.gguf");
        ShouldBeRefused("generate", model, "--ids", ids).ShouldContain(message);
    }

    [Fact]
    public void A_prompt_longer_than_the_context_is_refused()
    {
        var model = kforge.Model("long.gguf");
        ShouldBeRefused("generate", model, "--ids", string.Join(',', Enumerable.Repeat(1, 20)), "--context", "16").ShouldContain("context");
    }

    [Fact]
    public void Malformed_models_fail_inspection_and_odd_ones_pass()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Data", "hostile");
        Inspect(folder, File.ReadAllText(Path.Combine(folder, "manifest.json"))).ShouldBeEmpty();
    }

    private sealed record HostileCase(string File, string Defect, string Expected, string? Format);

    private static List<string> Inspect(string folder, string manifest)
    {
        var wrong = new List<string>();
        foreach (var hostile in JsonSerializer.Deserialize<List<HostileCase>>(manifest, JsonSerializerOptions.Web)!.Where(hostile => hostile.Format is null or "gguf" or "safetensors"))
        {
            var (code, _, error) = Kforge.Run("inspect", Path.Combine(folder, hostile.File));
            if (error.Contains("   at ", StringComparison.Ordinal) || error.Contains("defect of kforge", StringComparison.Ordinal))
                wrong.Add($"{hostile.File}: {error}");
            else if (hostile.Expected is "ok" && code != 0)
                wrong.Add($"{hostile.File} ({hostile.Defect}): valid, and refused: {error}");
            else if (hostile.Expected is "error" && code == 0)
                wrong.Add($"{hostile.File} ({hostile.Defect}): accepted");
        }
        return wrong;
    }

    private static string ShouldBeRefused(params string[] args)
    {
        var (code, _, error) = Kforge.Run(args);
        code.ShouldNotBe(0);
        error.ShouldNotBeNullOrWhiteSpace();
        error.ShouldNotContain("   at ");
        error.ShouldNotContain("defect of kforge");
        return error;
    }
}
