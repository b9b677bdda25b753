from keras_fer.visualization import plot_history


def test_curves_over_epochs():
    rows = [
        {
            "epoch": epoch,
            "loss": 2 / epoch,
            "val_loss": 2.1 / epoch,
            "accuracy": 0.1 * epoch,
            "val_accuracy": 0.09 * epoch,
        }
        for epoch in (1, 2, 3)
    ]
    loss, accuracy = plot_history(rows)
    assert loss.get_ylabel() == "crossentropy (nats)"
    assert accuracy.get_ylabel() == "accuracy (%)"
    training, validation = accuracy.get_lines()
    assert training.get_xydata()[-1].round(6).tolist() == [3, 30]
    assert validation.get_label() == "validation"
    for row in rows:
        row |= {"kl": 1.0, "val_kl": 1.0}
    assert plot_history(rows)[0].get_ylabel() == "weighted sum"
