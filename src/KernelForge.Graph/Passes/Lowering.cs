using System.Globalization;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Lowers the nodes of one section after another.</summary>
internal sealed class Lowering
{
    private readonly ModelGraph _graph;
    private readonly BufferTable _buffers;
    private readonly Dictionary<int, int> _bufferOf = [];
    private readonly Dictionary<int, (int Buffer, int Column)> _placed = [];

    public Lowering(ModelGraph graph, BufferTable buffers)
    {
        (_graph, _buffers) = (graph, buffers);
        foreach (var attention in graph.Nodes.OfType<AttentionNode>())
            Place(attention);
    }

    /// <summary>Says which buffer holds a node's value.</summary>
    public void Bind(int node, int buffer) => _bufferOf[node] = buffer;

    public Section Layer(int layer)
    {
        var section = new Section("Layer " + layer.ToString(CultureInfo.InvariantCulture), layer);
        foreach (var node in _graph.Nodes.Where(node => node.Layer == layer))
            Lower(node, section);
        return section;
    }

    /// <summary>What follows the layers works only on the rows whose logits are asked for.</summary>
    public Section Head()
    {
        var section = new Section("Head", -1);
        var nodes = _graph.Nodes.Where(node => node.Layer < 0 && node is not EmbeddingNode).ToList();
        var stream = nodes[0].Inputs[0];
        var selected = _buffers.Of("Selected", _graph.Width);
        section.Steps.Add(new SelectStep("Select", _bufferOf[stream], selected));
        Bind(stream, selected);
        foreach (var node in nodes)
            Lower(node, section);
        return section;
    }

    private void Lower(Node node, Section section)
    {
        switch (node)
        {
            case RmsNormNode norm:
                var scale = section.Add(PackedTensors.Vector(norm.Name, norm.Scale));
                section.Steps.Add(new NormStep(norm.Name, _bufferOf[norm.Inputs[0]], scale, norm.Epsilon, Output(norm)));
                break;
            case QuantizeNode quantize:
                section.Steps.Add(new QuantizeStep(quantize.Name, _bufferOf[quantize.Inputs[0]], Output(quantize, quantize.Format)));
                break;
            case LinearNode linear:
                Lower(linear, section);
                break;
            case AttentionNode attention:
                Lower(attention, section);
                break;
            case GateNode gate when gate.Inputs.Count == 1:
                section.Steps.Add(new GateStep(gate.Name, _bufferOf[gate.Inputs[0]], Output(gate)));
                break;
            case AddNode add:
                section.Steps.Add(new AddStep(add.Name, _bufferOf[add.Inputs[1]], _bufferOf[add.Inputs[0]]));
                Bind(add.Id, _bufferOf[add.Inputs[0]]);
                break;
            default:
                throw new PassException("lower to steps", $"node {node.Id} '{node.Name}' has no lowering");
        }
    }

    private void Lower(LinearNode linear, Section section)
    {
        var matrix = section.Add(PackedTensors.Matrix(linear.Name, LinearLayout.Of(linear), linear.Parts, linear.Interleaved));
        var bias = PackedTensors.Bias(linear.Name + "Bias", linear.Parts, linear.Interleaved) is { } vector ? section.Add(vector) : -1;
        var input = _bufferOf[linear.Inputs[0]];
        if (linear.Id == _graph.Nodes[_graph.Nodes.Count - 1].Id)
        {
            section.Steps.Add(new MatMulStep(linear.Name, input, matrix, bias, Epilogue.Logits, -1, 0, 1));
            return;
        }

        var (output, column) = _placed.TryGetValue(linear.Id, out var placed) ? placed : (Output(linear), 0);
        section.Steps.Add(new MatMulStep(linear.Name, input, matrix, bias, Epilogue.Store, output, column, 1));
    }

    private void Lower(AttentionNode attention, Section section)
    {
        var (query, key, value) = Columns(attention);
        var buffer = attention.Inputs.Count == 1 ? _bufferOf[attention.Inputs[0]] : _placed[attention.Inputs[0]].Buffer;
        section.Steps.Add(new CacheStep("Cache", buffer, query, key, value, attention.Heads, attention.Rotary));
        section.Steps.Add(new AttentionStep(
            attention.Name, buffer, query, attention.Heads, attention.Scale, attention.Window, Output(attention)));
    }

    /// <summary>Matrices that could not be fused still write into one buffer, each from a whole block of 32 on.</summary>
    private void Place(AttentionNode attention)
    {
        if (attention.Inputs.Count == 1)
            return;
        var (query, key, value) = Columns(attention);
        var buffer = _buffers.Of("QueryKeyValue", value + (attention.KeyValueHeads * attention.HeadSize));
        _placed[attention.Inputs[0]] = (buffer, query);
        _placed[attention.Inputs[1]] = (buffer, key);
        _placed[attention.Inputs[2]] = (buffer, value);
    }

    private static (int Query, int Key, int Value) Columns(AttentionNode attention)
    {
        var alignment = attention.Inputs.Count == 1 ? 1 : PackedLayouts.Tile;
        var key = PackedLayouts.Align(attention.Heads * attention.HeadSize, alignment);
        var value = key + PackedLayouts.Align(attention.KeyValueHeads * attention.HeadSize, alignment);
        return (0, (int)key, (int)value);
    }

    private int Output(Node node, ActivationFormat format = ActivationFormat.Float)
    {
        var buffer = _buffers.Of(node.Name, node.Width, format);
        Bind(node.Id, buffer);
        return buffer;
    }
}
