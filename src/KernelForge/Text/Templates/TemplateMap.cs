namespace KernelForge.Text;

/// <summary>A dictionary of template values that keeps the order of its keys, as Python's does.</summary>
internal sealed class TemplateMap
{
    private readonly List<(TemplateValue Key, TemplateValue Value)> _entries;

    public TemplateMap(IEnumerable<(TemplateValue Key, TemplateValue Value)> entries)
    {
        _entries = [];
        foreach (var (key, value) in entries)
            Set(key, value);
    }

    public int Count => _entries.Count;

    public IReadOnlyList<(TemplateValue Key, TemplateValue Value)> Entries => _entries;

    public TemplateValue? Find(TemplateValue key)
    {
        foreach (var entry in _entries)
        {
            if (entry.Key.EqualTo(key))
                return entry.Value;
        }

        return null;
    }

    public void Set(TemplateValue key, TemplateValue value)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Key.EqualTo(key))
            {
                _entries[i] = (key, value);
                return;
            }
        }

        _entries.Add((key, value));
    }
}
