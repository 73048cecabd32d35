using System.Text;
using KernelForge.Cli;
using KernelForge.Cli.Commands;
using KernelForge.Cli.Inspection;
using KernelForge.Fuzz.Mutation;
using KernelForge.Plans;

namespace KernelForge.Fuzz.Targets;

/// <summary>The JSON files of a model folder. An input is the name of a file, a line end and what stands in it; the rest of the folder is sound.</summary>
internal sealed class ConfigTarget : FuzzTarget
{
    private readonly string _folder;
    private readonly List<(string Name, byte[] Sound, List<JsonDefect> Defects)> _files = [];

    public ConfigTarget(string folder, string corpus)
    {
        _folder = Path.Combine(folder, "model");
        Directory.CreateDirectory(_folder);
        foreach (var source in Directory.EnumerateFiles(Path.Combine(corpus, "folder")).Order(StringComparer.Ordinal))
        {
            var bytes = File.ReadAllBytes(source);
            File.WriteAllBytes(Path.Combine(_folder, Path.GetFileName(source)), bytes);
            if (Path.GetExtension(source) == ".json")
                _files.Add((Path.GetFileName(source), bytes, JsonDefects.All(bytes)));
        }
    }

    public override string Name => "config";

    public override IEnumerable<byte[]> Seeds => _files.Select(file => Join(file.Name, file.Sound));

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        var file = Pick(random, _files);
        if (random.Next(4) == 0)
            return Join(file.Name, ByteMutator.Mutate(random, file.Sound));
        var bytes = Pick(random, file.Defects).ApplyTo(file.Sound);
        return Join(file.Name, random.Next(4) == 0 ? ByteMutator.Mutate(random, bytes) : bytes);
    }

    public override void Run(byte[] input)
    {
        var end = Array.IndexOf(input, (byte)'\n');
        var (name, sound, _) = _files.First(file => file.Name == Encoding.ASCII.GetString(input, 0, end));
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, input[(end + 1)..]);
        try
        {
            ModelCheck.Check(new ModelRequest(_folder, ActivationMode.Int12, KeyValueFormat.F16, Context: 0, Threads: 1, UseMachineCode: false));
        }
        finally
        {
            File.WriteAllBytes(path, sound);
        }
    }

    public override bool IsRefusal(Exception error) => error is ModelFormatException or UserException;

    private static byte[] Join(string name, byte[] bytes) => [.. Encoding.ASCII.GetBytes(name), (byte)'\n', .. bytes];
}
