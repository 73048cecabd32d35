using KernelForge.Formats.Packing;

namespace KernelForge.Cli.Tests;

/// <summary>Where results go: looked at first, whole or not at all, and never over the model.</summary>
[Collection("kforge")]
public class OutputTests(Kforge kforge)
{
    private readonly string _model = kforge.Model("output.gguf");
    private readonly string _file = kforge.Write("a-file", []);

    public static TheoryData<string, string> Commands => new() { { "describe", "-o" }, { "pack", "-o" }, { "logits", "--out" } };

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_file_that_cannot_be_written_is_refused_by_name(string command, string option)
    {
        Refused(command, option, kforge.Folder).ShouldContain("is a folder");
        Refused(command, option, Path.Combine(_file, "below.out")).ShouldContain("below.out");
        Refused(command, option, "").ShouldContain("needs the path");
        var before = File.ReadAllBytes(_model);
        Refused(command, option, _model).ShouldContain("the model itself");
        File.ReadAllBytes(_model).ShouldBe(before);
        var first = kforge.Write($"{command}-00001-of-00002.gguf", before);
        Kforge.Run([.. Arguments(command, option, kforge[$"{command}-00002-of-00002.gguf"]).Select(word => word == _model ? first : word)]).Error.ShouldContain("a part of the model");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_folder_must_be_there_and_nothing_but_the_file_is_left_in_it(string command, string option)
    {
        var folder = kforge[$"made-{command}"];
        Refused(command, option, Path.Combine(folder, "result")).ShouldContain($"there is no folder '{folder}'");
        Directory.Exists(folder).ShouldBeFalse();

        Directory.CreateDirectory(folder);
        var (code, _, error) = Kforge.Run(Arguments(command, option, Path.Combine(folder, "result")));
        code.ShouldBe(0, error);
        Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).ShouldBe(["result"]);
    }

    [Fact]
    public void The_same_model_gives_the_same_code_wherever_it_lies()
    {
        var elsewhere = Directory.CreateDirectory(kforge["somewhere/else"]).FullName;
        File.Copy(_model, Path.Combine(elsewhere, "output.gguf"));
        Kforge.Run("emit", _model, "-o", kforge["code"]).Code.ShouldBe(0);
        Kforge.Run("emit", Path.Combine(elsewhere, "output.gguf"), "-o", kforge["same-code"]).Code.ShouldBe(0);

        var files = Directory.GetFiles(kforge["code"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        files.Count.ShouldBeGreaterThan(5);
        Directory.GetFiles(kforge["same-code"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(files);
        foreach (var file in files)
            File.ReadAllBytes(Path.Combine(kforge["same-code"], file!)).ShouldBe(File.ReadAllBytes(Path.Combine(kforge["code"], file!)), file);
    }

    [Fact]
    public void Code_goes_into_a_folder_and_only_for_instruction_sets_that_exist()
    {
        Refused("emit", "-o", _file).ShouldContain("is a file");
        var (code, _, error) = Kforge.Run("emit", _model, "-o", kforge["none"], "--instruction-set", "Sse9");
        code.ShouldBe(2);
        error.ShouldContain("'Sse9'");
        Directory.Exists(kforge["none"]).ShouldBeFalse();
    }

    [Fact]
    public void What_a_killed_packer_left_is_gone_after_the_next()
    {
        File.WriteAllText(kforge["again.kfw.0123456789abcdef.part"], "half");
        File.WriteAllText(kforge["another.kfw.0123456789abcdef.part"], "not ours");
        Kforge.Run("pack", _model, "-o", kforge["again.kfw"]).Code.ShouldBe(0);
        File.Exists(kforge["again.kfw.0123456789abcdef.part"]).ShouldBeFalse();
        File.Exists(kforge["another.kfw.0123456789abcdef.part"]).ShouldBeTrue();
        File.Delete(kforge["another.kfw.0123456789abcdef.part"]);
    }

    [Fact]
    public void Every_packed_file_of_a_program_is_verified()
    {
        Kforge.Run("pack", _model, "-o", kforge["one.kfw"]).Code.ShouldBe(0);
        Kforge.Run("pack", _model, "-o", kforge["two.kfw"], "--activations", "float").Code.ShouldBe(0);
        File.WriteAllBytes(kforge["program"], new byte[5000]);
        PackedAppender.Append(kforge["program"], [kforge["one.kfw"], kforge["two.kfw"]]);

        var (code, output, error) = Kforge.Run("verify", kforge["program"]);
        code.ShouldBe(0, error);
        output.Split("intact:").Length.ShouldBe(3);

        var bytes = File.ReadAllBytes(kforge["program"]);
        bytes[8192 + 4096] ^= 1;
        File.WriteAllBytes(kforge["program"], bytes);
        Kforge.Run("verify", kforge["program"]).Code.ShouldBe(1);
    }

    private string[] Arguments(string command, string option, string path) =>
        command == "logits" ? [command, _model, "--ids", "1,2", option, path] : [command, _model, option, path];

    private string Refused(string command, string option, string path)
    {
        var (code, _, error) = Kforge.Run(Arguments(command, option, path));
        code.ShouldBe(1);
        error.ShouldNotContain("   at ");
        error.ShouldNotContain("compiled"); // before the work, not after it
        Directory.GetFiles(kforge.Folder, "*.part", SearchOption.AllDirectories).ShouldBeEmpty();
        return error;
    }
}
