using System.Reflection;
using System.Reflection.Emit;
using KernelForge.Formats.Plans;
using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Formats.Tests;

public class PlanReaderTests
{
    [Fact]
    public void Plans_are_read_from_an_assembly_in_the_order_of_their_classes()
    {
        using var folder = new ScratchFolder();
        var plan = TestPlans.Of(new Manifests.SourceIdentity("m.gguf", 5, "ab"), []);
        var hash = Convert.ToHexStringLower(PlanEncoding.Hash(plan));
        var encoded = Convert.ToBase64String(PlanEncoding.Encode(plan));
        Save(folder["models.dll"], ["My.Zebra", encoded, hash, "../z.gguf"], ["My.Ant", encoded, hash, "a.gguf"]);

        var plans = PlanReader.Read(folder["models.dll"]);

        plans.Select(found => (found.ClassName, found.SourcePath)).ShouldBe([("My.Ant", "a.gguf"), ("My.Zebra", "../z.gguf")]);
        plans.ShouldAllBe(found => found.Plan == plan && found.Hash == hash);
        PlanReader.Read(typeof(PlanReader).Assembly.Location).ShouldBeEmpty();
    }

    [Fact]
    public void Damaged_plans_and_files_that_are_no_assembly_are_refused()
    {
        using var folder = new ScratchFolder();
        var plan = TestPlans.Of(new Manifests.SourceIdentity("m.gguf", 5, "ab"), []);
        var encoded = Convert.ToBase64String(PlanEncoding.Encode(plan));
        Save(folder["hash.dll"], ["My.Model", encoded, new string('0', 64), "a.gguf"]);
        Save(folder["plan.dll"], ["My.Model", "AAAA", new string('0', 64), "a.gguf"]);
        File.WriteAllText(folder["text.dll"], "no assembly");

        Should.Throw<ModelFormatException>(() => PlanReader.Read(folder["hash.dll"]));
        Should.Throw<ModelFormatException>(() => PlanReader.Read(folder["plan.dll"]));
        Should.Throw<ModelFormatException>(() => PlanReader.Read(folder["text.dll"]));
        Should.Throw<ModelFormatException>(() => PlanReader.Read(folder["none.dll"]));
    }

    private static void Save(string path, params string[][] models)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Models"), typeof(object).Assembly);
        assembly.DefineDynamicModule("Models");
        var constructor = typeof(CompiledModelAttribute).GetConstructors().Single();
        foreach (var model in models)
            assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, model));
        assembly.Save(path);
    }
}
