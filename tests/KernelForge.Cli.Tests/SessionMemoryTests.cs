using System.Text.RegularExpressions;
using KernelForge.Cli.Commands;
using KernelForge.Cli.Compilation;

namespace KernelForge.Cli.Tests;

/// <summary>The plan's bytes of a session are those that the session takes, and a limit ends a command in one sentence.</summary>
[Collection("kforge")]
public class SessionMemoryTests(Kforge kforge)
{
    [Fact]
    public void The_plan_says_what_a_session_takes_and_the_limit_is_kept()
    {
        var path = kforge.Model("memory.gguf");
        var (code, output, error) = Kforge.Run("inspect", path, "--plan");
        code.ShouldBe(0, error);
        var request = new ModelRequest(path, Plans.ActivationMode.Int12, KeyValueFormat.F16, 0, 1, UseMachineCode: true);
        using var model = ModelLoader.Load(request);
        using var session = model.CreateSession();
        session.Prefill([.. Enumerable.Repeat(1, 64)]);

        var row = output.Split('\n').First(line => Regex.IsMatch(line, @"\b64 held", RegexOptions.None, TimeSpan.FromSeconds(1)));

        row.ShouldContain($"{session.Model.SessionMemory:N0}");
        row.ShouldContain($"{model.MemoryOfSession(64):N0}");

        (code, _, error) = Kforge.Run("generate", path, "--ids", "1,2,3", "--memory", "1K", "-t", "1");
        code.ShouldBe(1);
        error.ShouldContain("--memory allows 1,024");
        Kforge.Run("generate", path, "--ids", "1,2,3", "--memory", "1G", "--in-memory", "--verify", "-t", "1").Code.ShouldBe(0);
    }
}
