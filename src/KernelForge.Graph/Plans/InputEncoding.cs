using KernelForge.Graphs;

namespace KernelForge.Plans;

/// <summary>What a caller gives, in the encoding of a plan.</summary>
internal static class InputEncoding
{
    public static void Write(PlanWriter writer, GraphInput input)
    {
        writer.Text(input.Name);
        switch (input)
        {
            case GraphInput.Rows rows:
                Numbers(1, rows.Most, rows.Width);
                break;
            case GraphInput.Bands bands:
                Numbers(2, bands.Most, bands.Width);
                break;
            case GraphInput.Patches patches:
                Numbers(3, patches.Channels, patches.Side, patches.Patch);
                break;
            default:
                Numbers(0, input.Most);
                break;
        }

        void Numbers(int kind, params int[] numbers)
        {
            writer.Byte(kind);
            foreach (var number in numbers)
                writer.Integer(number);
        }
    }

    public static GraphInput Read(PlanReader reader)
    {
        var name = reader.Text();
        return reader.Byte() switch
        {
            0 => new GraphInput.Tokens(name, reader.Int32()),
            1 => new GraphInput.Rows(name, reader.Int32(), reader.Int32()),
            2 => new GraphInput.Bands(name, reader.Int32(), reader.Int32()),
            3 => new GraphInput.Patches(name, reader.Int32(), reader.Int32(), reader.Int32()),
            _ => throw reader.Damaged("there is no such input"),
        };
    }
}
