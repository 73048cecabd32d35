using System.Globalization;
using FsCheck.Fluent;
using KernelForge.Compilation;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Manifests;

public sealed class ManifestTextTests
{
    private static readonly Manifest Small = new LlamaManifest { Layers = 1 }.Build();

    [Fact]
    public void What_is_written_is_read()
    {
        var read = ManifestText.Read(ManifestText.Write(Small));
        read.Problem.ShouldBeNull();
        read.FileName.ShouldBe("model.gguf");
        read.Manifest.ShouldBe(Small);
    }

    [Fact]
    public void The_text_is_the_same_in_every_culture()
    {
        var here = ManifestText.Write(Small);
        var before = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NegativeSign = "minus";
        other.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = other;
            ManifestText.Write(Small).ShouldBe(here);
            ManifestText.Read(here).Manifest.ShouldBe(Small);
            PlanPrinter.Print(PlanCompiler.Compile(LlamaManifest.SmolLM2.Build(), new()).Plan!).ShouldContain("epsilon 1E-05");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Any_text_survives_also_as_UTF8()
    {
        var chars = Gen.OneOf(
            Gen.Choose(0, 0xFFFF), Gen.Elements('\\', '\t', '\r', '\n', '"', 'u', '0', '\u2028', '\uFEFF', '\uD83D', '\uDE00').Select(c => (int)c));
        Property.Holds(chars.ListOf().Select(codes => string.Concat(codes.Select(code => (char)code))), text =>
        {
            var manifest = Small with { Metadata = EquatableArray.Create(new MetadataEntry(text, MetadataType.String, text)) };
            var bytes = System.Text.Encoding.UTF8.GetBytes(ManifestText.Write(manifest));
            ManifestText.Read(System.Text.Encoding.UTF8.GetString(bytes)).Manifest.ShouldBe(manifest);
        });
    }

    [Fact]
    public void Line_ends_of_another_system_change_nothing() =>
        ManifestText.Read(ManifestText.Write(Small).Replace("\n", "\r\n", StringComparison.Ordinal)).Manifest.ShouldBe(Small);

    [Fact]
    public void A_problem_stands_in_place_of_a_manifest()
    {
        var problem = new ModelProblem(ProblemCodes.FileMissing, "models/x.gguf: no such file.\nCheck the path.", "models/x.gguf");
        var read = ManifestText.Read(ManifestText.WriteProblem(problem, "x.gguf"));
        read.ShouldBe(new ManifestReadResult("x.gguf", null, problem));
    }

    [Theory]
    [InlineData("", "line 0")]
    [InlineData("kfmanifest\t2\nend\n", "line 1")]
    [InlineData("kfmanifest\t1\nsource\ta\t1\tb\nend\n", "no architecture")]
    [InlineData("kfmanifest\t1\nsource\ta\t-1\tb\narchitecture\tllama\nend\n", "line 2")]
    [InlineData("kfmanifest\t1\narchitecture\tllama\nmeta\tk\tNumber\t3\nend\n", "'Number' is no type")]
    [InlineData("kfmanifest\t1\narchitecture\tllama\ntensor\tt\t0\t3x\t0\t0\nend\n", "line 3")]
    [InlineData("kfmanifest\t1\narchitecture\tllama\ntensor\tt\t4294967296\t3\t0\t0\nend\n", "line 3")]
    [InlineData("kfmanifest\t1\narchitecture\tlla\\qma\nend\n", "no escape")]
    [InlineData("kfmanifest\t1\narchitecture\tlla\\u12\nend\n", "hexadecimal")]
    [InlineData("kfmanifest\t1\nwhat\tis this\nend\n", "'what'")]
    public void Damage_is_named_with_its_line(string text, string expected)
    {
        var problem = ManifestText.Read(text).Problem.ShouldNotBeNull();
        problem.Code.ShouldBe(ProblemCodes.ManifestDamaged);
        problem.Message.ShouldContain(expected);
    }

    [Fact]
    public void A_manifest_cut_short_is_noticed_wherever_it_is_cut()
    {
        var text = ManifestText.Write(Small);
        for (var length = 0; length < text.Length - 1; length += 7)
            ManifestText.Read(text[..length]).Manifest.ShouldBeNull();
    }
}
