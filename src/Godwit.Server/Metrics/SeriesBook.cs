using System.Diagnostics.Metrics;

namespace Godwit.Server.Metrics;

/// <summary>Adds up what the instruments of one meter measure, so that it can be read as text. Whoever else listens to the meter gets the same numbers.</summary>
internal sealed class SeriesBook : IDisposable
{
    private readonly Dictionary<string, Series> _series = [];
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();

    /// <param name="meter">The meter. Its instruments have the names of <see cref="MetricTable"/>.</param>
    public SeriesBook(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter && MetricTable.All.FirstOrDefault(metric => metric.Name == instrument.Name) is { } metric)
            {
                var series = new Series(metric, instrument.IsObservable);
                _series.Add(metric.Name, series);
                listener.EnableMeasurementEvents(instrument, series);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, series) => ((Series)series!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, series) => ((Series)series!).Take(value, tags));
        _listener.Start();
    }

    /// <summary>All numbers as they are now, in the text format of Prometheus.</summary>
    public string Text()
    {
        lock (_reading)
        {
            foreach (Series observed in _series.Values.Where(series => series.IsObserved))
            {
                observed.Clear();
            }

            _listener.RecordObservableInstruments();
            var text = new PrometheusText();
            foreach (Metric metric in MetricTable.All)
            {
                text.Add(_series[metric.Name]);
            }

            foreach (RcloneAlias alias in RcloneAlias.All)
            {
                text.Add(alias.Name, alias.Kind, alias.Help, alias.Of(name => _series[name.Name].Sum));
            }

            text.Add(RcloneAlias.HttpStatusCode, RcloneAlias.HttpStatusCodeHelp, _series[MetricTable.HttpStatus.Name]);
            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
