using System.Security.Cryptography;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Plans;

/// <summary>The canonical binary form of a plan: the same bytes in every process and on every framework. Its SHA-256 is the plan's hash.</summary>
public static class PlanEncoding
{
    // Any change of the records, of the packed layouts or of the numeric contract gets a new version, so that old packed files are refused.
    private const int Version = 11;
    private const string Magic = "KFPLAN";

    /// <summary>Encodes a plan.</summary>
    public static byte[] Encode(Plan plan)
    {
        var writer = new PlanWriter();
        writer.Text(Magic);
        writer.Integer(Version);
        writer.Text(plan.Architecture);
        writer.Text(plan.Source.FileName);
        writer.Integer(plan.Source.Length);
        writer.Text(plan.Source.Stamp);
        writer.Integer(plan.Vocabulary);
        writer.Integer(plan.Width);
        writer.Integer(plan.Context);
        writer.Byte((int)plan.Activations);
        Write(writer, plan.Cache);
        writer.List(plan.Rotaries, table => RotaryEncoding.Write(writer, table));
        writer.List(plan.Blocks, block => Write(writer, block));
        Write(writer, plan.Buffers, plan.Kinds, plan.Calls, plan.Outputs);
        InputEncoding.Write(writer, plan.Input);
        writer.Flag(plan.Kept is not null);
        if (plan.Kept is { } kept)
            Write(writer, kept);
        writer.List(plan.Parts, part =>
        {
            writer.Text(part.Name);
            InputEncoding.Write(writer, part.Input);
            writer.Integer(part.Width);
            writer.Integer(part.Context);
            Write(writer, part.Cache);
            Write(writer, part.Buffers, part.Kinds, part.Calls, part.Outputs);
        });
        return writer.ToArray();
    }

    /// <summary>Decodes what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are damaged or of another version; the message says at which byte.</exception>
    public static Plan Decode(byte[] bytes)
    {
        var reader = new PlanReader(bytes);
        if (reader.Text() != Magic)
            throw reader.Damaged("these are not the bytes of a plan");
        var version = reader.Integer();
        if (version != Version)
            throw new FormatException($"The plan has the version {version}; this KernelForge reads version {Version}. Build the model again.");
        var plan = new Plan(
            reader.Text(),
            new SourceIdentity(reader.Text(), reader.Integer(), reader.Text()),
            reader.Int32(),
            reader.Int32(),
            reader.Int32(),
            reader.Enumeration<ActivationMode>(),
            ReadCache(reader),
            reader.List(() => RotaryEncoding.Read(reader)),
            reader.List(() => new WeightBlock(reader.Text(), reader.Integer(), reader.Integer(), reader.List(() => ReadTensor(reader)))),
            ReadBuffers(reader),
            ReadKinds(reader),
            ReadCalls(reader))
        {
            Outputs = ReadOutputs(reader),
            Input = InputEncoding.Read(reader),
            Kept = reader.Flag() ? ReadCache(reader) : null,
            Parts = reader.List(() => new PlanPart(
                reader.Text(), InputEncoding.Read(reader), reader.Int32(), reader.Int32(), ReadCache(reader), ReadBuffers(reader), ReadKinds(reader), ReadCalls(reader), ReadOutputs(reader))),
        };
        return reader.AtEnd ? plan : throw reader.Damaged("more bytes follow than the plan has");
    }

    /// <summary>SHA-256 of the encoding: 32 bytes.</summary>
    public static byte[] Hash(Plan plan)
    {
        using var sha = SHA256.Create();
        return sha.ComputeHash(Encode(plan));
    }

    private static void Write(
        PlanWriter writer, EquatableArray<ActivationBuffer> buffers, EquatableArray<StepKind> kinds, EquatableArray<Call> calls, EquatableArray<PlanOutput> outputs)
    {
        writer.List(buffers, buffer =>
        {
            writer.Text(buffer.Name);
            writer.Integer(buffer.Width);
            writer.Byte((int)buffer.Format);
            writer.Integer(buffer.OffsetPerToken);
            writer.Integer(buffer.BytesPerToken);
            writer.Integer(buffer.Rows);
        });
        writer.List(kinds, kind =>
        {
            writer.Text(kind.Name);
            writer.List(kind.Steps, step => StepEncoding.Write(writer, step));
        });
        writer.List(calls, call =>
        {
            writer.Integer(call.Kind);
            writer.Integer(call.Block);
            writer.Integer(call.CacheLayer);
        });
        writer.List(outputs, output =>
        {
            writer.Text(output.Name);
            writer.Integer(output.Width);
            writer.Flag(output.IsPooled);
        });
    }

    private static void Write(PlanWriter writer, CacheShape cache)
    {
        writer.Integer(cache.Layers);
        writer.Integer(cache.KeyValueHeads);
        writer.Integer(cache.HeadSize);
        writer.Byte((int)cache.DefaultFormat);
        writer.Integer(cache.RotatedKey);
        writer.Integer(cache.Convolutions);
        writer.Integer(cache.ConvolutionWidth);
    }

    private static EquatableArray<ActivationBuffer> ReadBuffers(PlanReader reader) => reader.List(() =>
        new ActivationBuffer(reader.Text(), reader.Int32(), reader.Enumeration<ActivationFormat>(), reader.Int32(), reader.Int32(), reader.Int32()));

    private static EquatableArray<StepKind> ReadKinds(PlanReader reader) => reader.List(() => new StepKind(reader.Text(), reader.List(() => StepEncoding.Read(reader))));

    private static EquatableArray<Call> ReadCalls(PlanReader reader) => reader.List(() => new Call(reader.Int32(), reader.Int32(), reader.Int32()));

    private static EquatableArray<PlanOutput> ReadOutputs(PlanReader reader) => reader.List(() => new PlanOutput(reader.Text(), reader.Int32(), reader.Flag()));

    private static CacheShape ReadCache(PlanReader reader) => new(
        reader.Int32(), reader.Int32(), reader.Int32(), reader.Enumeration<CacheFormat>(), reader.Int32(), reader.Int32(), reader.Int32());

    private static void Write(PlanWriter writer, WeightBlock block)
    {
        writer.Text(block.Name);
        writer.Integer(block.Offset);
        writer.Integer(block.Length);
        writer.List(block.Tensors, tensor =>
        {
            writer.Text(tensor.Name);
            writer.Byte((int)tensor.Layout);
            writer.Integer(tensor.Rows);
            writer.Integer(tensor.Columns);
            writer.Flag(tensor.Interleaved);
            writer.List(tensor.Parts, part =>
            {
                writer.Text(part.Tensor);
                writer.Integer(part.Rows);
                writer.Integer(part.Order.HeadSize);
                writer.Integer(part.Order.Pairs);
                writer.Integer(part.Order.First);
                writer.Real(part.Offset);
                writer.Real(part.Factor);
                writer.Flag(part.View is not null);
                if (part.View is { } view)
                {
                    writer.Integer(view.Start);
                    writer.Integer(view.Group);
                    writer.Integer(view.GroupStride);
                    writer.Integer(view.RowStride);
                    writer.Integer(view.ColumnStride);
                }

                writer.Flag(part.Distances is not null);
                if (part.Distances is { } distances)
                {
                    writer.Integer(distances.Buckets.Count);
                    writer.Integer(distances.Buckets.Farthest);
                    writer.Flag(distances.Buckets.IsBidirectional);
                    writer.Integer(distances.Reach);
                }
            });
            writer.Integer(tensor.Offset);
            writer.Integer(tensor.Length);
            writer.Integer(tensor.Experts);
        });
    }

    private static PackedPart ReadPart(PlanReader reader)
    {
        var (tensor, rows) = (reader.Text(), reader.Int32());
        var order = new RowOrder(reader.Int32(), reader.Int32(), reader.Int32());
        var (offset, factor) = (reader.Single(), reader.Single());
        var view = reader.Flag() ? new TensorView(reader.Integer(), reader.Int32(), reader.Integer(), reader.Integer(), reader.Integer()) : null;
        var distances = reader.Flag() ? new DistanceRows(new DistanceBuckets(reader.Int32(), reader.Int32(), reader.Flag()), reader.Int32()) : null;
        return new PackedPart(tensor, rows, order, view, offset, factor, distances);
    }

    private static PackedTensor ReadTensor(PlanReader reader) => new(
        reader.Text(),
        reader.Enumeration<PackedLayout>(),
        reader.Int32(),
        reader.Int32(),
        reader.Flag(),
        reader.List(() => ReadPart(reader)),
        reader.Integer(),
        reader.Integer(),
        reader.Int32());
}
