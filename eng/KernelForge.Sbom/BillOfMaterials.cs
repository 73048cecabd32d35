using System.Buffers;
using System.Text.Json;

namespace KernelForge.Sbom;

/// <summary>CycloneDX 1.6 in JSON. No time and no random number stands in it, so that two builds give the same bytes.</summary>
internal static class BillOfMaterials
{
    /// <summary>Writes the bill of materials of one published file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="shipped">Names of the packages that are in it, those that no lock names with their versions behind a slash; all others only helped to build it.</param>
    /// <param name="locked">The packages of its build.</param>
    public static byte[] Write(string name, string version, IReadOnlyCollection<string> shipped, IReadOnlyList<LockedPackage> locked)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteStartObject("component");
            json.WriteString("type", "application");
            WriteIdentity(json, name, version);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartArray("components");
            foreach (var pack in shipped.Where(pack => pack.Contains('/')).Select(pack => pack.Split('/')).OrderBy(pack => pack[0], StringComparer.Ordinal))
                WriteComponent(json, pack[0], pack[1], isShipped: true, contentHash: null);
            foreach (var package in locked)
                WriteComponent(json, package.Name, package.Version, shipped.Contains(package.Name, StringComparer.OrdinalIgnoreCase), package.ContentHash);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void WriteComponent(Utf8JsonWriter json, string name, string version, bool isShipped, string? contentHash)
    {
        json.WriteStartObject();
        json.WriteString("type", "library");
        WriteIdentity(json, name, version);
        json.WriteString("scope", isShipped ? "required" : "excluded");
        if (contentHash is not null)
        {
            json.WriteStartArray("properties");
            json.WriteStartObject();
            json.WriteString("name", "nuget:contentHash");
            json.WriteString("value", contentHash);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteIdentity(Utf8JsonWriter json, string name, string version)
    {
        var url = $"pkg:nuget/{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(version)}";
        json.WriteString("bom-ref", url);
        json.WriteString("name", name);
        json.WriteString("version", version);
        json.WriteString("purl", url);
    }
}
