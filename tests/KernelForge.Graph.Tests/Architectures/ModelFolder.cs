using System.Text.Json.Nodes;
using KernelForge.Compilation;
using KernelForge.Formats;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>A model folder of zeros: a configuration with changes, and the tensors that it asks for.</summary>
internal sealed class ModelFolder : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private ModelFolder()
    {
    }

    public static ModelGraph Graph(string config, string changes, params (string Name, long[] Shape)[] tensors)
    {
        using var model = Write(config, changes, tensors);
        var result = model.Build();
        result.Problems.ShouldBeEmpty();
        return result.Graph!;
    }

    /// <summary>The plan of a sound model.</summary>
    public static Plan Plan(string config, string changes, params (string Name, long[] Shape)[] tensors)
    {
        using var model = Write(config, changes, tensors);
        using var folder = HuggingFaceFolder.Open(model._folder.Root);
        return PlanCompiler.Compile(folder.Manifest, new()).Plan!;
    }

    /// <summary>All that the compiler has against the model, as far as a plan.</summary>
    public static string Refusal(string config, string changes, params (string Name, long[] Shape)[] tensors)
    {
        using var model = Write(config, changes, tensors);
        try
        {
            using var folder = HuggingFaceFolder.Open(model._folder.Root);
            var result = PlanCompiler.Compile(folder.Manifest, new());
            result.Plan.ShouldBeNull();
            return string.Join("; ", result.Problems.Select(problem => $"{problem.Code} {problem.Message}"));
        }
        catch (ModelFormatException error)
        {
            return error.Message;
        }
    }

    /// <summary>What the compiler makes of it now.</summary>
    public GraphResult Build()
    {
        using var folder = HuggingFaceFolder.Open(_folder.Root);
        return PlanCompiler.BuildGraph(folder.Manifest);
    }

    /// <summary>Adds a file.</summary>
    public ModelFolder With(string name, string text)
    {
        var path = Path.Combine(_folder.Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes the folder.</summary>
    public static ModelFolder Write(string config, string changes, params (string Name, long[] Shape)[] tensors)
    {
        var model = new ModelFolder();
        var merged = JsonNode.Parse(config)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            merged[key] = value?.DeepClone();
        File.WriteAllText(Path.Combine(model._folder.Root, "config.json"), merged.ToJsonString());
        SafetensorsWriter.Write(
            Path.Combine(model._folder.Root, "model.safetensors"),
            tensors.Select(tensor => (tensor.Name, tensor.Shape, new float[tensor.Shape.Aggregate((a, b) => a * b)])).ToList());
        return model;
    }
}
