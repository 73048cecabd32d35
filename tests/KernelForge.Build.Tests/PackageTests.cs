namespace KernelForge.Build.Tests;

/// <summary>What the README promises to somebody who embeds a model of his own, with the model it speaks of.</summary>
public sealed class PackageTests(PackedPackage package) : PackageUserTests(package)
{
    // The last line is for us: all bits of the logits after a prompt.
    private const string AskForParis = """
        using var model = Acme.SmolLM2.Load();
        await foreach (var text in model.ChatAsync("What is the capital of France?"))
            Console.Write(text);
        Console.WriteLine();
        using var session = model.CreateSession();
        session.Prefill(model.Tokenizer.Encode("The capital of France is"));
        Console.WriteLine(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(session.Logits))));

        namespace Acme
        {
            public partial class SmolLM2
            {
                public static string Greeting => "a user's own member";
            }
        }
        """;

    private static string SmolLM2Item => $"""<KernelForgeModel Include="{Repository.SmolLM2}" Class="Acme.SmolLM2" />""";

    [SkippableFact]
    public void A_model_embedded_from_the_package_answers_and_its_native_executable_the_same()
    {
        using var project = new ScratchProject(Package, SmolLM2Item, AskForParis, "net9.0", "<PublishAot Condition=\"'$(_IsPublishing)' == 'true'\">true</PublishAot>");

        var underJit = project.DotNet("run", "-c", "Release").ShouldSucceed().Output;

        underJit.ShouldContain("Paris");
        File.Exists(project.Path("bin", "Release", "net9.0", "Acme.SmolLM2.kfw")).ShouldBeTrue();

        NativeLinker.Require();
        project.DotNet("publish", "-c", "Release", "-o", project.Path("published")).ShouldSucceed();
        Command.Run(project.Path("published", "App"), "/").ShouldSucceed().Output.ShouldBe(underJit);
    }
}
