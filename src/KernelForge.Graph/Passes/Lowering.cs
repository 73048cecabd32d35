using System.Globalization;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Lowers the nodes of one section after another.</summary>
internal sealed partial class Lowering
{
    private readonly ModelGraph _graph;
    private readonly BufferTable _buffers;
    private readonly NodeBuffers _bufferOf;
    private readonly List<Mixer> _mixers;

    public Lowering(ModelGraph graph, BufferTable buffers)
    {
        (_graph, _buffers, _bufferOf) = (graph, buffers, new NodeBuffers(graph, buffers));
        _mixers = Enumerable.Range(0, graph.Layers).Select(layer => MixerOf(graph.Nodes.Where(node => node.Layer == layer))).ToList();
    }

    /// <summary>What brings a layer's tokens together, each kind of which has places of its own in the cache.</summary>
    private enum Mixer
    {
        Attention,
        Convolution,

        /// <summary>Attention to what is kept of other rows, and to nothing else.</summary>
        Kept,
    }

    /// <summary>Layers whose keys and values are those of their own tokens.</summary>
    public int AttendingLayers => _mixers.Count(mixer => mixer == Mixer.Attention);

    /// <summary>What precedes the layers, without the embedding itself.</summary>
    public Section Start()
    {
        var section = new Section("Embedding", -1);
        foreach (var node in _graph.Nodes.Take(StartLength).Where(node => node is not EmbeddingNode))
            Lower(node, section);
        return section;
    }

    /// <summary>Nodes before the layers; without layers what begins.</summary>
    private int StartLength => _graph.Layers == 0 ? 1 : _graph.Nodes.TakeWhile(node => node.Layer < 0).Count();

    /// <summary>Where the embedding's table is: a table that is stored elsewhere too, as that of the head, is stored once, there. Null: nothing is embedded.</summary>
    public (Section Section, int Tensor)? PlaceTable(Section start, IEnumerable<Section> others)
    {
        if (_graph.Nodes.OfType<EmbeddingNode>().SingleOrDefault() is not { } embedding)
            return null;
        foreach (var section in others)
        {
            var found = section.Tensors.FindIndex(tensor =>
                tensor.Layout != PackedLayout.Vector && tensor.Parts.Count == 1 && tensor.Parts[0].Tensor == embedding.Table.Tensor && tensor.Parts[0].View == embedding.Table.View);
            if (found >= 0)
                return (section, found);
        }

        return (start, start.Add(Table(embedding.Name, embedding.Table)));
    }

    /// <summary>Puts the embedding at the start.</summary>
    public void Embed(Section start, int block, int tensor)
    {
        var embedding = _graph.Nodes.OfType<EmbeddingNode>().Single();
        start.Steps.Insert(0, new EmbedStep(embedding.Name, block, tensor, _bufferOf[embedding.Id], embedding.Factor));
    }

    public Section Layer(int layer)
    {
        // The layers of an encoder share one place in the cache.
        var cached = _graph.Outputs.Count > 0 ? 0 : _mixers.Take(layer).Count(mixer => mixer == _mixers[layer]);
        var section = new Section("Layer " + layer.ToString(CultureInfo.InvariantCulture), cached);
        foreach (var node in _graph.Nodes.Where(node => node.Layer == layer))
            Lower(node, section);
        return section;
    }

    private static Mixer MixerOf(IEnumerable<Node> layer)
    {
        var nodes = layer.ToList();
        return nodes.Exists(node => node is ShortConvolutionNode) ? Mixer.Convolution
            : nodes.Exists(node => node is KeptAttentionNode) && !nodes.Exists(node => node is AttentionNode or LatentAttentionNode) ? Mixer.Kept
            : Mixer.Attention;
    }

    /// <summary>What follows the layers: the head, which in a decoder works only on the rows whose logits are asked for, and in an encoder what is kept and what asks that.</summary>
    public List<Section> Ends()
    {
        var nodes = _graph.Nodes.Skip(StartLength).Where(node => node.Layer < 0).ToList();
        return _graph.Outputs.Count > 0 ? Outputs(nodes) : [Head(nodes)];
    }

    private Section Head(List<Node> nodes)
    {
        var section = new Section("Head", -1);
        var stream = nodes[0].Inputs[0];
        var selected = _buffers.Of("Selected", _graph.Width);
        section.Steps.Add(new SelectStep("Select", _bufferOf[stream], selected));
        Bind(stream, selected);
        foreach (var node in nodes)
            Lower(node, section);
        return section;
    }

    /// <summary>An output leaves as soon as it is there: after the first tokens are chosen, only rows of those are.</summary>
    private List<Section> Outputs(List<Node> nodes)
    {
        var section = new Section("Head", -1);
        var sections = new List<Section> { section };
        var keeps = nodes.OfType<KeepNode>().ToList();
        Leave(_graph.Outputs.Select(output => output.Node).Except(nodes.Select(node => node.Id)));
        foreach (var node in nodes)
        {
            if (keeps.Find(keep => node.Id == keep.Inputs[0]) is { } begins)
                Begin("States " + begins.Slot.ToString(CultureInfo.InvariantCulture), begins.Slot);
            else if (node is ProbeNode)
                Begin("Pooler", 0);
            Lower(node, section);
            Leave([node.Id]);
        }

        return sections;

        void Begin(string name, int cached)
        {
            section = new Section(name, cached);
            sections.Add(section);
        }

        void Leave(IEnumerable<int> ids)
        {
            foreach (var id in ids)
            {
                for (var i = 0; i < _graph.Outputs.Count; i++)
                {
                    if (_graph.Outputs[i].Node == id)
                        section.Steps.Add(new OutputStep(_graph.Outputs[i].Name, _bufferOf[id], i));
                }
            }
        }
    }

    private void Lower(Node node, Section section)
    {
        switch (node)
        {
            case PositionNode position:
                section.Steps.Add(new LookupStep(position.Name, LookupKey.Position, section.Add(Table(position.Name, position.Table)), Output(position)));
                break;
            case TokenTypeNode type:
                section.Steps.Add(new LookupStep(type.Name, LookupKey.TokenType, section.Add(Table(type.Name, type.Table)), Output(type)));
                break;
            case FirstTokenNode first:
                section.Steps.Add(new SelectStep(first.Name, _bufferOf[first.Inputs[0]], Output(first)));
                break;
            case InputNode input:
                section.Steps.Add(new InputStep(input.Name, Output(input)));
                break;
            case WindowNode window:
                section.Steps.Add(new WindowStep(window.Name, _bufferOf[window.Inputs[0]], window.Taps, window.Stride, Output(window)));
                break;
            case ProbeNode probe:
                section.Steps.Add(new ProbeStep(probe.Name, section.Add(PackedTensors.Vector(probe.Name, probe.Row)), Output(probe)));
                break;
            case KeepNode keep:
                var (keeping, columns) = _bufferOf.Parts(keep);
                section.Steps.Add(new CacheStep("Keep", keeping, 0, columns[0], columns[1], 0, -1, KeyNorms(keep, section), IsKept: true));
                break;
            case HeadNormNode heads:
                var (headScale, headShift) = Add(section, heads.Name, heads.Norm, heads.HeadSize);
                section.Steps.Add(new HeadNormStep(
                    heads.Name, heads.Norm.Kind, Bind(heads.Id, _bufferOf[heads.Inputs[0]]), heads.Width / heads.HeadSize, heads.HeadSize, headScale, headShift, heads.Norm.Epsilon));
                break;
            case KeptAttentionNode kept:
                section.Steps.Add(new AttentionStep(kept.Name, _bufferOf[kept.Inputs[0]], 0, kept.Heads, kept.Scale, 0, Output(kept), IsKept: true));
                break;
            case NormNode norm:
                var (scale, shift) = Add(section, norm.Name, norm.Norm, norm.Width);
                var stream = _bufferOf[norm.Inputs[0]];
                section.Steps.Add(new NormStep(norm.Name, norm.Norm.Kind, stream, scale, shift, norm.Norm.Epsilon, _bufferOf.IsStream(norm) ? Bind(norm.Id, stream) : Output(norm)));
                break;
            case MixtureNode mixture:
                Lower(mixture, section);
                break;
            case RowGateNode gate:
                section.Steps.Add(new RowGateStep(gate.Name, _bufferOf[gate.Inputs[0]], _bufferOf[gate.Inputs[1]], Output(gate)));
                break;
            case ActivationNode activation:
                section.Steps.Add(new ActivateStep(activation.Name, _bufferOf[activation.Inputs[0]], Output(activation), activation.Activation));
                break;
            case SoftcapNode softcap:
                var head = section.Steps.Count - 1;
                section.Steps[head] = (MatMulStep)section.Steps[head] with { Softcap = softcap.Softcap };
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
            case LatentAttentionNode latent:
                Lower(latent, section);
                break;
            case ShortConvolutionNode convolution:
                Lower(convolution, section);
                break;
            case GateNode gate when gate.Inputs.Count == 1:
                section.Steps.Add(new GateStep(gate.Name, _bufferOf[gate.Inputs[0]], Output(gate), gate.Activation));
                break;
            case AddNode add:
                var gateOfAdd = add.Gate is { } number ? section.Add(PackedTensors.Vector(add.Name + "Gate", number)) : -1;
                section.Steps.Add(new AddStep(add.Name, _bufferOf[add.Inputs[1]], _bufferOf[add.Inputs[0]], add.Factor, gateOfAdd));
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
        if (_graph.Outputs.Count == 0 && linear.Id == _graph.Nodes.Last(node => node is LinearNode).Id)
        {
            section.Steps.Add(new MatMulStep(linear.Name, input, matrix, bias, Epilogue.Logits, -1, 0, 1));
            return;
        }

        var (output, column) = _bufferOf.Placed(linear);
        section.Steps.Add(new MatMulStep(linear.Name, input, matrix, bias, Epilogue.Store, output, column, 1));
    }

    private void Lower(MixtureNode mixture, Section section)
    {
        var (active, hidden) = (mixture.Routing.Active, mixture.Experts[0].Gate.Matrix.Rows);
        var input = _bufferOf[mixture.Inputs[0]];
        var correction = mixture.Routing.Correction is { } vector ? section.Add(PackedTensors.Vector("Correction", vector)) : -1;
        var routing = _buffers.Of("Routing", PlanShapes.RoutingWidth(active));
        section.Steps.Add(new RouteStep("Route", _bufferOf[mixture.Inputs[1]], correction, routing, mixture.Routing with { Correction = null }));

        var isWeighted = mixture.Routing.ScalesInput;
        var gathered = _buffers.Of("Gathered", _buffers[input].Width, isWeighted ? mixture.InputFormat : _buffers[input].Format, active);
        section.Steps.Add(new GatherStep("Gather", input, routing, gathered, isWeighted));
        var units = _buffers.Of("ExpertUnits", hidden, mixture.Format, active);
        Product("ExpertGateUp", gathered, expert => EquatableArray.Create(expert.Gate, expert.Up), Epilogue.Gate, units);
        var results = _buffers.Of("ExpertDown", mixture.Width, ActivationFormat.Float, active);
        Product("ExpertDown", units, expert => EquatableArray.Create(expert.Down), Epilogue.Store, results);
        section.Steps.Add(new CombineStep("Combine", results, routing, Output(mixture), !isWeighted));

        void Product(string name, int from, Func<Expert, EquatableArray<LinearPart>> parts, Epilogue epilogue, int to)
        {
            var experts = mixture.Experts.Select(parts).ToList();
            var interleaved = epilogue == Epilogue.Gate;
            var matrix = section.Add(PackedTensors.Experts(name, experts, interleaved));
            var bias = PackedTensors.ExpertBiases(name + "Bias", experts, interleaved) is { } biases ? section.Add(biases) : -1;
            section.Steps.Add(new ExpertMatMulStep(
                name, from, routing, matrix, bias, epilogue, to, 1, interleaved ? mixture.Activation : default, interleaved ? mixture.Clamp : null));
        }
    }

    /// <summary>A norm's vectors. Kernels always multiply, and those of a layer norm always shift: what is missing is packed as ones and zeros.</summary>
    private static (int Scale, int Shift) Add(Section section, string name, Norm norm, int width, RowOrder order = default)
    {
        var scale = norm.Scale ?? new Weight(string.Empty, WeightType.F32, 1, norm.Shift?.Columns ?? width, Offset: 1);
        var shift = norm.Kind == NormKind.Rms ? null : norm.Shift ?? new Weight(string.Empty, WeightType.F32, 1, scale.Columns);
        return (section.Add(PackedTensors.Vector(name, scale, order)), shift is null ? -1 : section.Add(PackedTensors.Vector(name + "Shift", shift, order)));
    }

    private static PackedTensor Table(string name, Weight table) =>
        PackedTensors.Matrix(name, PackedLayouts.Of(table.Type), EquatableArray.Create(new LinearPart(name, table, null)), interleaved: false);

    private int Bind(int node, int buffer) => _bufferOf.Bind(node, buffer);

    private int Output(Node node, ActivationFormat format = ActivationFormat.Float) => _bufferOf.Output(node, format);
}
