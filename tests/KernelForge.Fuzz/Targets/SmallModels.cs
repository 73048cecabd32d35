using KernelForge.Formats.Description;
using KernelForge.Fuzz.Mutation;
using KernelForge.Manifests;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Fuzz.Targets;

/// <summary>The smallest models that have everything: each scaling of positions, tied and not, with biases and without.</summary>
internal static class SmallModels
{
    /// <summary>GGUF files of about 10 KB.</summary>
    public static IReadOnlyList<byte[]> All { get; } =
        [.. Enum.GetValues<RandomScaling>().Select((scaling, i) => RandomModel.Create(i, Shape(scaling, tied: i % 2 == 0)).File)];

    private static readonly IReadOnlyList<GgufDefect>[] Defects = [.. All.Select(file => GgufDefects.All(GgufDocument.Parse(file)).ToList())];

    /// <summary>One of them with a few defects.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="where">Which keys and tensors may be spoiled; null: all, and the header.</param>
    public static byte[] Spoil(Random random, Func<string, bool>? where = null)
    {
        var model = random.Next(All.Count);
        var document = GgufDocument.Parse(All[model]);
        for (var count = 1 + random.Next(3); count > 0; count--)
        {
            try
            {
                Draw(random, Defects[model], where).Apply(document);
            }
            catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException)
            {
                // The defect before left nothing for this one to change.
            }
        }

        return document.ToArray();
    }

    /// <summary>Their descriptions.</summary>
    public static IEnumerable<Manifest> Manifests()
    {
        foreach (var file in All)
        {
            var path = Path.GetTempFileName();
            File.WriteAllBytes(path, file);
            var manifest = Describer.Describe(path);
            File.Delete(path);
            // The name of the file, which is by chance here, is part of what is described.
            yield return manifest with { Source = manifest.Source with { FileName = "small.gguf" } };
        }
    }

    private static GgufDefect Draw(Random random, IReadOnlyList<GgufDefect> defects, Func<string, bool>? where)
    {
        while (true)
        {
            var defect = defects[random.Next(defects.Count)];
            if (where is null || where(defect.What))
                return defect;
        }
    }

    private static ModelShape Shape(RandomScaling scaling, bool tied) => new()
    {
        Vocabulary = 48,
        Width = 32,
        Hidden = 32,
        Layers = 1,
        Heads = 2,
        KeyValueHeads = 1,
        HeadSize = 16,
        RotaryDimension = 16,
        Context = 64,
        Window = 0,
        Scaling = scaling,
        Tied = tied,
        AttentionBias = !tied,
        OtherBiases = false,
        Types = [WeightType.Q4_0, WeightType.Q8_0, WeightType.F16],
    };
}
